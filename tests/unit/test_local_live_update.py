"""The local Live Update's plan holds what this LPAR needs, in order, and nothing a host could slip in."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.facts.base import Output, ReadingState
from liveupdate.engine.judge import Outcome, judge
from liveupdate.lpar.consents import CONSENT_TITLES, Consent
from liveupdate.lpar.subject import ListedAgent, Subject
from liveupdate.procedures.catalogue import PROCEDURES, CannotPlan, render, summary
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.services import SIGHTS
from liveupdate.procedures.step import (
    Answer,
    OnFailure,
    Phase,
    Plan,
    Run,
    Step,
    StepHost,
    StepKind,
    WriteFile,
)
from portal.lib.canonical import canonical_json
from portal.lib.errors import Invalid
from tests.golden_plans import assert_golden
from tests.unit.plan_subject import (
    LSLPP_HEADER,
    LSPV,
    MOUNT_HEAD,
    POLICIES,
    PS_HEAD,
    READY,
    SRC_HEAD,
    fileset,
    hosts,
    ifixes,
    locks,
    subject,
)

ALL = frozenset(consent.value for consent in Consent)
SEEN_BY_USERS = [sight.command.display() for sight in SIGHTS]
OF_UPDATES = ALL - {Consent.REPLACE_CLONE, Consent.REMOVE_LEFT_PARTITION, Consent.EDIT_NIM_METHOD}
NETWLM = "rcnetwlm:23456789:wait:/etc/rc.netwlm start> /dev/console 2>&1 # Start netwlm\n"

LOCKED = POLICIES.format(te="ON").replace("LOCK_KERN_POLICIES=OFF", "LOCK_KERN_POLICIES=ON")
TAKEN = MOUNT_HEAD + "nim02    /export/other    /mnt             nfs3   Nov 07 19:11 ro\n"

BLOCKED = {
    "trustchk": POLICIES.format(te="ON"),
    "wlm": "WLM is running in passive mode\n",
    "netwlm": NETWLM,
    "emgr_packages": locks("IJ41685m3a", "IJ36810s3a", "1022104a", "IJ36810s3a"),
    "emgr_list": ifixes("IJ36810s3a", "1022104a", "IJ41685m3a"),
}
MIRRORED = {
    "lspv": "hdisk0 00fa343b8f050a76 rootvg active\nhdisk1 00fa343b8f050a77 rootvg active\n"
    + "".join(f"hdisk{n} 00fa343b8f05000{n} None\n" for n in range(2, 6))
    + "hdisk6 00fa343b8f050006 altinst_rootvg\nhdisk7 00fa343b8f050007 altinst_rootvg\n",
    "bootlist": "hdisk0 blv=hd5 pathid=0\nhdisk1 blv=hd5 pathid=0\n",
} | {f"disk_size hdisk{n}": "61440\n" for n in range(6)}
AGENTS = (
    ListedAgent("dsmcad", "subsystem"),
    ListedAgent(
        "zabbix_agentd",
        "commands",
        stop=("/opt/zabbix/bin/agent", "stop"),
        start=("/opt/zabbix/bin/agent", "start"),
        check=("/opt/zabbix/bin/agent", "status"),
    ),
)
EVERYTHING = BLOCKED | {
    "secorder": "tsddat secorder=LDAP,files\n",
    "ipsec": "ipsec_v4 Available  IP Version 4 Security Extension\nipsec_v6 Defined  IP Version 6\n",
    "audit_query": "auditing on\n",
    "audit_config": "start:\n\tbinmode = on\n\tstreammode = on\n",
    "wpars": "wpar1:A\nwpar2:D\n",
    "lslpp": LSLPP_HEADER
    + fileset("bos.mls.cfg")
    + fileset("cas.agent")
    + fileset("security.pkcs11")
    + fileset("bos.mlslike")
    + fileset("bos.net", "A"),
    "lssrc": SRC_HEAD
    + " dsmcad           backup           9896196      active\n"
    + " pfcdaemon                                     inoperative\n",
    "processes": PS_HEAD
    + "    root  9896196  8126890   0   Oct 02      -  0:00 /usr/tivoli/tsm/client/ba/bin64/dsmcad\n"
    + "  zabbix  9961730        1   0   Oct 02      -  0:10 /opt/zabbix/sbin/zabbix_agentd -c /etc/z.conf\n",
    "mount": MOUNT_HEAD
    + "         /ahafs           /aha             ahafs  Nov 07 19:11 rw              \n"
    + "nfs01    /iso/x           /iso             cachefs Nov 07 19:11 ro,bg           \n",
    "cdroms": "cd0 Available 00-00-02 Virtual SCSI Optical Served by VIO Server\n",
    "lspv": LSPV.replace("00fa343b8f01b1e2                    None", "00fa343b8f01b1e2  lvup_rootvg"),
    "bootlist": "hdisk11 blv=hd5 pathid=0\n",
    "lvupdate_data": "disks:\n\tnhdisk = hdisk9\n",
}
PLANS: dict[str, tuple[Subject, frozenset[str]]] = {
    "ready": (subject(), frozenset()),
    "ifixes_trusted_execution_wlm": (subject(BLOCKED), ALL),
    "mirrored_rootvg": (subject(MIRRORED, rollback_clone_disk="hdisk6 hdisk7"), frozenset()),
    "everything": (subject(EVERYTHING, agents=AGENTS), ALL),
    "own_directory": (
        subject({"hmcauth": "Address  : hmc01\nUser name: liveupdate\nPort     : 12443\n"}, media="/updates"),
        frozenset(),
    ),
}


def plan(name: str) -> Plan:
    lpar, consents = PLANS[name]
    return render("local_live_update", lpar, hosts(), "hmc01-liveupdate", consents)


def reasons(lpar: Subject, consents: frozenset[str] = ALL, **changes: Any) -> str:
    given: dict[str, Any] = {"hosts": hosts(), "hmc_credential": "hmc01-liveupdate"}
    with pytest.raises(CannotPlan) as refused:
        render("local_live_update", lpar, consents=consents, **(given | changes))
    return " ".join(refused.value.reasons)


def every(rendered: Plan) -> tuple[Step, ...]:
    return (*rendered.steps, *rendered.restoration)


def lines(steps: tuple[Step, ...]) -> list[str]:
    return [
        step.action.path if isinstance(step.action, WriteFile) else step.action.command.display()
        for step in steps
    ]


@pytest.mark.parametrize("name", PLANS)
def test_golden(name: str) -> None:
    assert_golden(plan(name), name)


@pytest.mark.parametrize("name", PLANS)
def test_the_same_facts_give_the_same_bytes_and_are_read_back(name: str) -> None:
    document = canonical_json(plan(name).document())
    assert document == canonical_json(plan(name).document())
    assert read_plan(document.decode()) == plan(name)


@pytest.mark.parametrize("name", PLANS)
def test_steps_follow_the_phases(name: str) -> None:
    order = list(Phase)
    phases = [order.index(step.phase) for step in every(plan(name))]
    assert phases == sorted(phases)


@pytest.mark.parametrize("name", PLANS)
def test_every_step_says_what_it_is(name: str) -> None:
    for step in every(plan(name)):
        assert step.title and step.why and step.deadline_s > 0
        assert len(step.title) <= 200 and len(step.id) <= 80
        assert step.expect.statuses
        for pattern in (*step.expect.has, *step.expect.lacks):
            re.compile(pattern, re.MULTILINE)
        if step.kind is StepKind.READ:
            assert isinstance(step.action, Run)


@pytest.mark.parametrize("name", PLANS)
def test_whatever_changes_is_undone_or_said_to_be_for_good(name: str) -> None:
    rendered = plan(name)
    undone = {step.undoes for step in rendered.restoration}
    lasting = {"boot_list_set", "workload_manager_off", "pfc_daemon_started", "preview"}
    helping = {"lvupdate_data_kept", "ipsec_v4_directory", "ipsec_v4_filters_saved"}
    for step in rendered.steps:
        if step.kind is not StepKind.READ and step.reversible:
            assert step.id in undone | lasting | helping, step.id
    for step in rendered.restoration:
        assert step.on_failure is OnFailure.CONTINUE and step.undoes


@pytest.mark.parametrize("name", PLANS)
def test_restoration_goes_backwards(name: str) -> None:
    rendered = plan(name)
    done = [step.id for step in rendered.steps]
    order = [done.index(step.undoes) for step in rendered.restoration if step.kind is not StepKind.READ]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize("name", PLANS)
def test_the_update_runs_once_and_only_after_the_preview(name: str) -> None:
    steps = plan(name).steps
    (update,) = [step for step in steps if step.live_update]
    (preview,) = [step for step in steps if step.phase is Phase.PREVIEW]
    assert update.kind is StepKind.ONCE and not update.reversible and update.deadline_s >= 4 * 3600
    assert steps.index(preview) + 1 == steps.index(update)
    assert isinstance(preview.action, Run) and isinstance(update.action, Run)
    assert "-p" in preview.action.command.argv and "-p" not in update.action.command.argv
    assert preview.on_failure is OnFailure.RESTORE


@pytest.mark.parametrize(
    ("output", "met"),
    [
        ("............The live update operation succeeded.\n", True),
        ("01/29/2025-09:20:17 Live AIX update completed in 0h 10m 58s.\n", True),
        ("1430-045 The Live Update operation failed. Initiating log capture.\n", False),
        ("The live update operation succeeded.\n1430-045 The Live Update operation failed.\n", False),
        ("The live update preview succeeded.\n", False),
        ("", False),
    ],
)
def test_only_the_positive_sentence_is_success(output: str, met: bool) -> None:
    (update,) = [step for step in plan("ready").steps if step.live_update]
    has = all(re.search(pattern, output, re.MULTILINE) for pattern in update.expect.has)
    lacks = not any(re.search(pattern, output, re.MULTILINE) for pattern in update.expect.lacks)
    assert (has and lacks) is met


def test_a_ready_lpar_needs_no_preparation() -> None:
    assert lines(plan("ready").steps) == [
        "oslevel -s",
        "cat /proc/version",
        *SEEN_BY_USERS,
        "lspv",
        "df -m",
        "mount nim01:/export/aix72/7200-05-04-2220_full /mnt",
        "ls /mnt/.toc /mnt/installp/ppc/.toc",
        "hmcauth -u liveupdate -a 10.254.0.5",
        "hmcauth -l",
        "bootlist -m normal -o",
        "lspv",
        "/var/adm/ras/liveupdate/lvupdate.data",
        "geninstall -k -p -d /mnt update_all",
        "geninstall -Y -k -d /mnt update_all",
        "oslevel -s",
        "instfix -ciqk 72-05-042220_SP",
        "cat /proc/version",
        "errpt -N LVUPDATE",
        "uname -L",
        "lssyscfg -r lpar -m 9080-M9S-78A1234 -F name,lpar_id,state,rmc_state",
        "lspv",
        "lsvg -p rootvg",
        "bootlist -m normal -o",
        "emgr -P",
        "lppchk -v",
        "genld -u",
        "lssrc -a",
        "ps -ef",
    ]
    assert lines(plan("ready").restoration) == [
        "rm -f /var/adm/ras/liveupdate/lvupdate.data",
        "hmcauth -r -a 10.254.0.5 -u liveupdate",
        "hmcauth -l",
        "umount /mnt",
        "mount",
        "oslevel -s",
        "cat /proc/version",
        *SEEN_BY_USERS,
    ]


def test_what_cannot_be_repeated_is_begun_once() -> None:
    repeatable = {step.id for step in every(plan("everything")) if step.kind is StepKind.IDEMPOTENT}
    assert repeatable == {
        "boot_list_set",
        "trusted_execution_off",
        "trusted_execution_on",
        "security_lookup_local",
        "security_lookup_back",
        "ipsec_v4_directory",
        "ipsec_v4_filters_saved",
        "ipsec_v4_filters_off",
        "ipsec_v4_filters_active",
        "inittab_off",
        "inittab_back",
        "workload_manager_on",
        "lvupdate_data_kept",
        "lvupdate_data",
        "lvupdate_data_back",
        "pfc_daemon_started",
        "hmc_logon",
    }


def test_interim_fixes_go_in_the_reverse_order_of_coming() -> None:
    rendered = plan("ifixes_trusted_execution_wlm")
    removed = [line for line in lines(rendered.steps) if line.startswith("emgr -r")]
    assert removed == ["emgr -r -L IJ41685m3a", "emgr -r -L 1022104a", "emgr -r -L IJ36810s3a"]
    assert any("IJ41685m3a, 1022104a, IJ36810s3a" in warning for warning in rendered.warnings)


def test_what_was_off_for_the_update_comes_back_and_is_proven() -> None:
    back = lines(plan("everything").restoration)
    for line in (
        "trustchk -p te=on",
        "audit start",
        "chsec -f /etc/nscontrol.conf -s tsddat -a secorder=LDAP,files",
        "mkdev -c ipsec -t 4",
        "impfilt -v4 -f /var/adm/ras/lu-portal-filters/ipsec_v4",
        "mkdev -c ipsec -t 6",
        f"chitab '{NETWLM.strip()}'",
        "startwpar wpar1",
        "mount -v ahafs /aha /aha",
        "mount -v cachefs -n nfs01 -o ro,bg /iso/x /iso",
        "cp -p /var/adm/ras/liveupdate/lvupdate.data.before /var/adm/ras/liveupdate/lvupdate.data",
    ):
        assert line in back
    assert not any("wpar2" in line for line in back)
    steps = {step.id: step for step in plan("everything").restoration}
    back_on = steps["trusted_execution_is_back"].expect
    assert judge(back_on, Outcome(0, [POLICIES.format(te="ON").encode()])).met
    assert judge(back_on, Outcome(0, [POLICIES.format(te="ON").lower().encode()])).met
    assert not judge(back_on, Outcome(0, [POLICIES.format(te="OFF").encode()])).met
    assert steps["inittab_is_back"].expect.equals_saved == "inittab_before"


def test_what_a_stopped_wpar_took_with_it_is_not_unmounted() -> None:
    mounts = "".join(
        f"         {of:<16} /wpars/{name}{of:<12} namefs Nov 07 19:11 rw              \n"
        for name in ("wpar1", "wpar2")
        for of in ("/usr", "/proc")
    )
    lpar = subject(EVERYTHING | {"mount": MOUNT_HEAD + mounts})
    rendered = render("local_live_update", lpar, hosts(), "hmc01-liveupdate", ALL)
    unmounted = [line for line in lines(rendered.steps) if line.startswith("umount /wpars")]
    assert unmounted == ["umount /wpars/wpar2/usr", "umount /wpars/wpar2/proc"]


def test_only_forbidden_filesets_are_removed() -> None:
    assert "installp -ugw bos.mls.cfg cas.agent security.pkcs11" in lines(plan("everything").steps)


def test_a_session_that_is_there_is_used_and_left_alone() -> None:
    rendered = plan("own_directory")
    assert not [step for step in rendered.steps if isinstance(step.action, Answer)]
    assert lines(rendered.restoration) == [
        "rm -f /var/adm/ras/liveupdate/lvupdate.data",
        "oslevel -s",
        "cat /proc/version",
        *SEEN_BY_USERS,
    ]
    assert rendered.parameters["directory"] == "/updates"
    assert "ls /updates/.toc /updates/installp/ppc/.toc" in lines(rendered.steps)


@pytest.mark.parametrize(
    ("address", "listed", "met"),
    [
        ("10.254.0.5", "10.254.0.5", True),
        ("10.254.0.5", "hmc01.example.com", True),
        ("10.254.0.5", "10.254.0.6", False),
        ("hmc01.example.com", "10.254.0.5", True),
    ],
)
def test_the_session_is_that_with_the_hmc(address: str, listed: str, met: bool) -> None:
    rendered = render("local_live_update", subject(hmc_address=address), hosts(), "c", frozenset())
    (step,) = [step for step in rendered.steps if step.id == "hmc_session"]
    for user in ("liveupdate", "hscroot"):
        output = f"Address  : {listed}\nUser name: {user}\nPort     : 12443\n"
        assert judge(step.expect, Outcome(0, [output.encode()])).met is (met and user == "liveupdate")


def test_the_password_is_named_never_held() -> None:
    (logon,) = [step for step in plan("ready").steps if isinstance(step.action, Answer)]
    assert isinstance(logon.action, Answer)
    (prompt,) = logon.action.prompts
    assert prompt.credential == "hmc01-liveupdate"
    assert re.search(prompt.pattern, "Enter HMC password:")
    assert "-p" not in logon.action.command.argv


@pytest.mark.parametrize("consent", sorted(OF_UPDATES))
def test_without_its_consent_no_privileged_preparation(consent: str) -> None:
    said = reasons(subject(EVERYTHING, agents=AGENTS), ALL - {consent})
    assert f"The request must allow: {CONSENT_TITLES[consent]}." in said


def test_only_consents_that_were_needed_stand_in_the_plan() -> None:
    assert plan("everything").parameters["consents"] == sorted(OF_UPDATES)
    lpar = subject({"trustchk": POLICIES.format(te="ON")})
    rendered = render("local_live_update", lpar, hosts(), "c", ALL)
    assert rendered.parameters["consents"] == ["trusted_execution_off"]


@pytest.mark.parametrize(
    ("changes", "fields", "said"),
    [
        ({}, {"target_level": ""}, "names no level"),
        ({}, {"target_level": "7200-05-03-2148"}, "nothing to install"),
        ({}, {"target_level": "7200-05-02-2114"}, "older than"),
        ({}, {"target_level": "7300-01-01-2246"}, "does not cross releases"),
        ({}, {"target_level": "newest"}, "not a level"),
        ({}, {"rollback_clone_disk": ""}, "No disk is designated"),
        ({}, {"rollback_clone_disk": "hdisk2"}, "no altinst_rootvg on it"),
        ({"lspv": LSPV.replace("None", "othervg")}, {}, "2 free disks"),
        ({"lspv": LSPV.replace("None", "lvup_rootvg active")}, {}, "may still be in use"),
        ({"disk_size hdisk0": None}, {}, "Not known: disk_size hdisk0"),
        ({"trustchk": None}, {}, "Not known: trustchk"),
        ({"wlm": "Ceci n'est pas un état\n"}, {}, "Not known: wlm"),
        ({"trustchk": LOCKED}, {}, "locked"),
        ({"mount": TAKEN}, {}, "/mnt is taken"),
        ({"uname_l": "26 pay01'\n"}, {}, "not a name that an HMC gives"),
        ({"emgr_packages": locks("IJ36810s3a")}, {}, "emgr -l does not: IJ36810s3a"),
        ({}, {"managed_system": "-m;reboot"}, "not a name that an HMC gives"),
    ],
)
def test_no_plan_without_what_it_rests_on(
    changes: dict[str, str | None], fields: dict[str, str], said: str
) -> None:
    assert said in reasons(subject(changes, **fields))


def test_every_reason_is_named_at_once() -> None:
    said = reasons(subject(BLOCKED, rollback_clone_disk="", target_level=""), frozenset())
    for part in (
        "No disk is designated",
        "names no level",
        CONSENT_TITLES[Consent.REMOVE_IFIXES],
        CONSENT_TITLES[Consent.WLM_OFF],
    ):
        assert part in said


def test_no_plan_without_hosts_or_credential() -> None:
    assert "how to reach the hmc" in reasons(subject(), hosts={StepHost.LPAR: hosts()[StepHost.LPAR]})
    assert "names no credential" in reasons(subject(), hmc_credential="")


def test_media_that_is_mounted_already_stays_mounted() -> None:
    row = "nim01    /export/aix72/7200-05-04-2220_full /mnt    nfs3   Nov 07 19:11 ro\n"
    lpar = subject({"mount": MOUNT_HEAD + row})
    rendered = render("local_live_update", lpar, hosts(), "c", frozenset())
    assert not [line for line in lines(every(rendered)) if line.startswith(("mount ", "umount"))]


def test_ip_security_stays_from_7300_03_on() -> None:
    changes = {"oslevel": "7300-03-00-2446\n", "ipsec": EVERYTHING["ipsec"], "audit_query": "auditing on\n"}
    lpar = subject(changes, target_level="7300-03-01-2520")
    rendered = render("local_live_update", lpar, hosts(), "c", frozenset())
    assert any("tunnels drop" in warning for warning in rendered.warnings)
    assert not [step for step in rendered.steps if "ipsec" in step.id]
    assert "ipsec_auto_migrate" not in _lvupdate_data(rendered)


def test_ip_security_is_carried_over_where_the_template_has_the_key() -> None:
    changes = {"oslevel": "7300-03-00-2446\n", "ipsec": EVERYTHING["ipsec"]}
    changes["lvupdate_template"] = "#general:\n#\tkext_check =\n#\tipsec_auto_migrate =\n#hmc:\n#\tuser =\n"
    rendered = render(
        "local_live_update", subject(changes, target_level="7300-03-01-2520"), hosts(), "c", ALL
    )
    assert "\tipsec_auto_migrate = yes\n" in _lvupdate_data(rendered)
    assert not any("tunnels drop" in warning for warning in rendered.warnings)
    early = subject(changes | {"oslevel": "7300-02-02-2420\n"}, target_level="7300-03-01-2520")
    assert "ipsec_auto_migrate" not in _lvupdate_data(render("local_live_update", early, hosts(), "c", ALL))


def _lvupdate_data(rendered: Plan) -> str:
    return next(
        step.action.content
        for step in rendered.steps
        if isinstance(step.action, WriteFile) and step.action.path.endswith("/lvupdate.data")
    )


def test_auditing_without_stream_mode_may_run_on() -> None:
    lpar = subject(
        {"audit_query": "auditing on\n", "audit_config": "start:\n\tbinmode = on\n\tstreammode = off\n"}
    )
    assert "audit shutdown" not in lines(render("local_live_update", lpar, hosts(), "c", ALL).steps)


@pytest.mark.parametrize(
    ("changes", "begun"),
    [
        ({"wlm": "WLM is running\n"}, {"workload_manager_off"}),
        ({"netwlm": NETWLM}, {"inittab_off"}),
        ({"wlm": "WLM is running\n", "netwlm": NETWLM}, {"workload_manager_off", "inittab_off"}),
        ({"netwlm": NETWLM.replace(":wait:", ":off:")}, set()),
    ],
)
def test_only_what_is_there_of_the_workload_manager_goes(
    changes: dict[str, str | None], begun: set[str]
) -> None:
    rendered = render("local_live_update", subject(changes), hosts(), "c", ALL)
    found = {step.id for step in rendered.steps} & {"workload_manager_off", "inittab_off"}
    assert found == begun


@pytest.mark.parametrize("said", [None, "ksh: lssec:  not found.\n"])
def test_where_trusted_signatures_lie_need_not_be_known(said: str | None) -> None:
    rendered = render("local_live_update", subject({"secorder": said}), hosts(), "c", frozenset())
    assert lines(rendered.steps) == lines(plan("ready").steps)
    assert any("signatures are looked up is not known" in warning for warning in rendered.warnings)


def test_an_interim_fix_that_locks_nothing_stays() -> None:
    changes: dict[str, str | None] = {
        "emgr_packages": locks("IJ36810s3a"),
        "emgr_list": ifixes("IJ36810s3a", "1022104a"),
    }
    rendered = render("local_live_update", subject(changes), hosts(), "c", ALL)
    assert [line for line in lines(rendered.steps) if "-r -L" in line] == ["emgr -r -L IJ36810s3a"]
    changes["emgr_packages"] = READY["emgr_packages"]
    assert lines(render("local_live_update", subject(changes), hosts(), "c", frozenset()).steps) == lines(
        plan("ready").steps
    )


@pytest.mark.parametrize(
    ("output", "met"),
    [
        ("There is no efix data on this system.\n", True),
        (locks(), True),
        (locks("IJ36810s3a"), False),
        ("", False),
    ],
)
def test_the_proof_that_no_interim_fix_locks_a_fileset(output: str, met: bool) -> None:
    (step,) = [step for step in plan("everything").steps if step.id == "no_ifix_left"]
    assert judge(step.expect, Outcome(0, [output.encode()])).met is met


def test_nothing_is_undoable_before_media_and_console_were_tried() -> None:
    steps = plan("everything").steps
    tried = max(n for n, step in enumerate(steps) if step.phase in (Phase.MEDIA, Phase.AUTHENTICATE))
    assert tried < min(n for n, step in enumerate(steps) if not step.reversible)


def test_the_hmc_is_asked_for_the_name_that_the_partition_has_there() -> None:
    lpar = subject({"uname_l": "26 PAY-01 payroll\n"})
    rendered = render("local_live_update", lpar, hosts(), "c", frozenset())
    steps = {step.id: step for step in rendered.steps}
    assert rendered.lpar["name"] == "pay01" and rendered.lpar["partition"] == "PAY-01 payroll"
    for step, output in (
        ("partition_after", "31 PAY-01 payroll\n"),
        ("hmc_after", "viodev1,3,Running,active\nPAY-01 payroll,31,Running,active\n"),
    ):
        (pattern,) = steps[step].expect.has
        assert re.search(pattern, output, re.MULTILINE)
    (left,) = steps["hmc_after"].expect.lacks
    assert re.search(left, "PAY-01 payroll_lku0,26,Not Activated,none\n", re.MULTILINE)


def test_larger_disks_are_mentioned() -> None:
    lpar = subject({"disk_size hdisk10": "102400\n"})
    rendered = render("local_live_update", lpar, hosts(), "c", frozenset())
    assert any(warning.startswith("hdisk10 is larger") for warning in rendered.warnings)


EVIL = ["$(reboot)", "`reboot`", "a;reboot", "-rf", "a\nreboot", "a b", "'x'", "x|y", "../../etc"]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("field", ["media", "target_level", "rollback_clone_disk", "hmc_address", "hmc_user"])
def test_values_of_people_enter_no_command(field: str, evil: str) -> None:
    assert reasons(subject(**{field: evil}))


@pytest.mark.parametrize("evil", ["hdisk2;reboot", "-X;", "$(id)"])
def test_values_of_hosts_enter_no_command(evil: str) -> None:
    label = evil.replace(" ", "")
    assert reasons(subject({"emgr_packages": locks(label), "emgr_list": ifixes(label)}))
    assert reasons(subject({"lspv": LSPV.replace("hdisk0 ", f"{evil} "), f"disk_size {evil}": "61440\n"}))
    assert reasons(subject({"wpars": f"{evil}:A\n"}))
    assert reasons(subject({"lslpp": LSLPP_HEADER + fileset(f"cas.agent.{evil}")}))


@settings(max_examples=40)
@given(text=st.text(min_size=1, max_size=30))
def test_any_media_is_one_word_or_refused(text: str) -> None:
    try:
        rendered = render("local_live_update", subject(media=text), hosts(), "c", frozenset())
    except CannotPlan:
        return
    for step in every(rendered):
        if isinstance(step.action, Run):
            assert all(word.isprintable() for word in step.action.command.argv)


def test_the_hmc_is_watched_by_a_reading_command() -> None:
    watch = plan("ready").watch
    assert watch is not None and not watch.locale
    assert watch.argv == (
        "lssyscfg", "-r", "lpar", "-m", "9080-M9S-78A1234", "-F", "name,lpar_id,state,rmc_state",
    )  # fmt: skip


def test_the_summary_is_one_line() -> None:
    assert summary(plan("ready")) == (
        "Update pay01 from 7200-05-03-2148 to 7200-05-04-2220: 43 commands and 1 file on 2 hosts, "
        "clone to hdisk2, mirror on hdisk10"
    )


def test_the_way_back_is_told_first() -> None:
    first = plan("ready").warnings[0]
    assert "nothing can be rejected" in first and "clone on hdisk11" in first and "7200-05-03-2148" in first


def test_unknown_procedures_are_refused() -> None:
    assert "local_live_update" in PROCEDURES
    with pytest.raises(Invalid, match="no procedure 'x'"):
        render("x", subject(), hosts(), "c", frozenset())


def test_the_facts_of_these_tests_are_those_that_plans_use() -> None:
    for entry in READY:
        if entry not in ("secorder", "emgr_list"):
            assert f"Not known: {entry}" in reasons(subject({entry: None}))


def test_an_lpar_out_of_reach_is_one_reason_and_not_one_for_each_fact() -> None:
    lpar = subject({})
    gone: dict[str, Any] = {"state": ReadingState.UNREACHABLE, "problem": "pay01: nobody answers."}
    for key, reading in list(lpar.facts.readings.items()):
        lpar.facts.readings[key] = replace(reading, output=Output(""), **gone)
    assert reasons(lpar) == "Out of reach: pay01: nobody answers."
