"""The local Live Update's plan prepares what this LPAR needs, and takes it back."""

import pytest

from liveupdate.engine.judge import Outcome, judge
from liveupdate.procedures.catalogue import render
from liveupdate.procedures.step import (
    Plan,
    WriteFile,
)
from tests.unit.local_plan import ALL, EVERYTHING, NETWLM, every, lines, plan
from tests.unit.plan_subject import (
    MOUNT_HEAD,
    POLICIES,
    READY,
    hosts,
    ifixes,
    locks,
    subject,
)


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


def test_larger_disks_are_mentioned() -> None:
    lpar = subject({"disk_size hdisk10": "102400\n"})
    rendered = render("local_live_update", lpar, hosts(), "c", frozenset())
    assert any(warning.startswith("hdisk10 is larger") for warning in rendered.warnings)
