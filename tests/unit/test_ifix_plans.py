"""Plans for interim fixes: what the packages say decides, and Live Update's parts are those of an update."""

from datetime import UTC, datetime
from typing import Any

import pytest

from inventory.facts.base import Output, Reading
from liveupdate.engine.judge import Outcome, judge
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.procedures.catalogue import PROCEDURES, CannotPlan, render, summary
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import Plan, Step, StepHost, WriteFile
from tests.golden_plans import assert_golden
from tests.unit.nim_subject import NO_OBJECT, nim_hosts, nim_subject
from tests.unit.plan_subject import LSLPP_HEADER, LSPV, POLICIES, fileset, hosts, ifixes, locks, subject

ALL = frozenset(consent.value for consent in Consent)
KERNEL, TOOLS = "IJ43869m3a.221014.AIX72TL05SP03.epkg.Z", "1022104a.220520.epkg.Z"
PATHS = {name: f"/export/nim/lku-ifixes/{name}" for name in (KERNEL, TOOLS)}
MEDIA = "nim01:/export/nim/lku-ifixes"
FILESETS = LSLPP_HEADER + fileset("bos.liveupdate.rte") + fileset("bos.mp64") + fileset("openssl.base")


def package(
    label: str, *, capable: str = "yes", restart: str = "yes", needs: str = "", locations: str = ""
) -> str:
    """emgr -d -e FILE -v2."""
    prerequisites = f"PRE-REQUISITES:   yes\n    {needs}\n" if needs else "PRE-REQUISITES:   no\n"
    return (
        f"LABEL:            {label}\nREBOOT REQUIRED:  {restart}\nLU CAPABLE:       {capable}\n"
        f"{prerequisites}{locations}"
    )


UNIX = "   LOCATION:      /usr/lib/boot/unix_64\n   PACKAGE:       bos.mp64\n"
KERNEL_SAYS = package("IJ43869m3a", needs="bos.mp64  7.2.5.99  7.2.5.105", locations=UNIX)
TOOLS_SAY = package("1022104a", restart="no", locations="   LOCATION: /usr/lib/libssl.a\n")


def asked(
    procedure: str = "ifix_live_update",
    facts: dict[str, str | None] | None = None,
    files: tuple[str, ...] = (KERNEL,),
    **fields: Any,
) -> Subject:
    """pay01 with the packages described on its NIM master."""
    known: dict[str, str | None] = {
        "lslpp": FILESETS,
        f"nim_ifix {PATHS[KERNEL]}": KERNEL_SAYS,
        f"nim_ifix {PATHS[TOOLS]}": TOOLS_SAY,
    }
    given: dict[str, Any] = {
        "procedure": procedure,
        "media": MEDIA,
        "target_level": "",
        "choices": {"ifixes": "\n".join(files)},
        "package_paths": PATHS,
    }
    return subject(known | (facts or {}), **(given | fields))


def plan(lpar: Subject, consents: frozenset[str] = ALL) -> Plan:
    return render(lpar.procedure, lpar, hosts(), "hmc01-liveupdate", consents)


def reasons(lpar: Subject, consents: frozenset[str] = ALL) -> str:
    with pytest.raises(CannotPlan) as refused:
        plan(lpar, consents)
    return " ".join(refused.value.reasons)


def shown(steps: tuple[Step, ...]) -> list[str]:
    return [step.action.command.display() for step in steps if not isinstance(step.action, WriteFile)]


def step(rendered: Plan, name: str) -> Step:
    return next(each for each in rendered.all_steps if each.id == name)


PLANS = {
    "kernel": asked(files=(KERNEL, TOOLS)),
    "everything": asked(
        facts={
            "trustchk": POLICIES.format(te="ON").replace("TEP=OFF", "TEP=ON").replace("TLP=OFF", "TLP=ON"),
            "wlm": "WLM is running in passive mode\n",
            "emgr_packages": locks("IJ36810s3a"),
            "emgr_list": ifixes("IJ36810s3a"),
            "lslpp": FILESETS + fileset("bos.net", "A"),
        },
    ),
    "own_directory": asked(
        facts={f"ifix_package /ifixes/{TOOLS}": TOOLS_SAY, "lspv": LSPV.replace("altinst_rootvg", "None")},
        files=(TOOLS,),
        media="/ifixes",
        package_paths={TOOLS: f"/ifixes/{TOOLS}"},
    ),
    "not_yet_readable": asked(media="nfs07:/ifixes", package_paths={}),
    "preview": asked("ifix_preview"),
    "install": asked("install_ifixes", files=(TOOLS,)),
    "remove": asked(
        "remove_ifixes",
        facts={
            "emgr_list": ifixes("IJ36810s3a", "1022104a", "IJ41685m3a"),
            "proc_version": "Aug 10 2022\n13:47:51\nIJ41685m3a stjohnr\n"
            "@(#) _kdb_buildinfo unix_64 Aug 10 2022 13:47:51 IJ41685m3a stjohnr\n",
        },
        choices={"labels": "IJ36810s3a\nIJ41685m3a\nIJ36810s3a"},
    ),
}


@pytest.mark.parametrize("case", PLANS)
def test_golden(case: str) -> None:
    rendered = plan(PLANS[case])
    assert_golden(rendered, case)
    assert read_plan(rendered.document()) == rendered
    assert rendered.lpar["name"] in summary(rendered)


def test_live_update_names_the_files_and_nothing_else_is_installed() -> None:
    commands = shown(plan(PLANS["kernel"]).steps)
    assert f"geninstall -k -p -d /mnt {KERNEL} {TOOLS}" in commands
    assert f"geninstall -k -d /mnt {KERNEL} {TOOLS}" in commands
    assert f"emgr -d -e /mnt/{KERNEL} -v2" in commands and f"emgr -e /mnt/{TOOLS} -p" in commands
    assert not any("update_all" in each or "installp -c" in each for each in commands)


def test_packages_below_the_directory_are_found_where_the_server_has_them() -> None:
    below = {KERNEL: f"/export/nim/lku-ifixes/emgr/ppc/{KERNEL}"}
    lpar = asked(facts={f"nim_ifix {below[KERNEL]}": KERNEL_SAYS}, package_paths=below)
    assert f"emgr -e /mnt/emgr/ppc/{KERNEL} -p" in shown(plan(lpar).steps)


def test_trusted_execution_stays_on_but_for_what_forbids_interim_fixes() -> None:
    rendered = plan(PLANS["everything"])
    commands = shown(rendered.all_steps)
    assert "trustchk -p tep=off tlp=off" in commands and "trustchk -p tep=on tlp=on" in commands
    assert "trustchk -p te=off" not in commands
    allowed = asked(facts={"trustchk": POLICIES.format(te="ON")})
    assert not any("trustchk" in each for each in shown(plan(allowed).all_steps))
    assert "is on" in reasons(PLANS["everything"], ALL - {Consent.TRUSTED_EXECUTION_OFF.value})


def test_installed_fixes_stay_and_one_that_shares_a_fileset_is_named() -> None:
    rendered = plan(
        asked(
            facts={
                "emgr_packages": "\nPACKAGE INSTALLER LABEL\n======= ========= =====\n"
                "bos.mp64 installp IJ36810s3a\n",
                "emgr_list": ifixes("IJ36810s3a"),
            }
        )
    )
    assert not any("emgr -r" in each for each in shown(rendered.steps))
    assert any("IJ36810s3a locks bos.mp64, to which IJ43869m3a belongs" in each for each in rendered.warnings)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (package("IJ43869m3a", capable="no"), "LU CAPABLE: no"),
        (package("IJ43869m3b"), "holds the interim fix IJ43869m3b"),
        (
            package("IJ43869m3a", needs="bos.mp64  7.2.5.101  7.2.5.105"),
            "7.2.5.101 to 7.2.5.105, and 7.2.5.100 is installed (bos.mp64 7.2.5.101 7.2.5.105)",
        ),
        (package("IJ43869m3a", needs="bos.mp64 7.2.4.2 7.2.5.99"), "and 7.2.5.100 is installed"),
        (package("IJ43869m3a", needs="bos.net.ike 7.2.4.2 7.2.5.99"), "bos.net.ike, which is not installed"),
        (package("IJ43869m3a", needs="bos.mp64 NONE NONE XREQ"), "must not meet bos.mp64"),
    ],
)
def test_a_package_that_does_not_suit_the_lpar_is_refused_with_its_line(said: str, reason: str) -> None:
    assert reason in reasons(asked(facts={f"nim_ifix {PATHS[KERNEL]}": said}))


def test_fixes_that_cannot_be_there_together_are_refused() -> None:
    same = package("1022104a", restart="no", locations=UNIX)
    both = asked(facts={f"nim_ifix {PATHS[TOOLS]}": same}, files=(KERNEL, TOOLS))
    assert "IJ43869m3a and 1022104a both replace /usr/lib/boot/unix_64" in reasons(both)
    again = asked(facts={"emgr_list": ifixes("IJ43869m3a"), "emgr_packages": locks("IJ43869m3a")})
    assert "IJ43869m3a is installed already, in state S." in reasons(again)


def test_what_was_not_described_is_said() -> None:
    assert "does not exist" in reasons(
        asked(facts={f"nim_ifix {PATHS[KERNEL]}": "emgr: 0645-007 /x does not exist.\n"})
    ) or "Not known" in reasons(asked(facts={f"nim_ifix {PATHS[KERNEL]}": "x\n"}))
    assert "has not been read yet" in reasons(asked(facts={f"nim_ifix {PATHS[KERNEL]}": None}))
    assert "names no package" in reasons(asked(files=()))
    assert "is not an absolute directory" in reasons(asked(media="nim01:/x;reboot"))


def test_without_live_update_only_what_needs_no_restart() -> None:
    assert "REBOOT REQUIRED: yes" in reasons(asked("install_ifixes"))
    assert "cannot be read before it is mounted" in reasons(
        asked("install_ifixes", files=(TOOLS,), media="nfs07:/ifixes", package_paths={})
    )
    warned = plan(asked(files=(TOOLS,))).warnings
    assert any("can be installed without a Live Update" in each for each in warned)


def test_removal_goes_backwards_each_label_once() -> None:
    rendered = plan(PLANS["remove"])
    removed = [each for each in shown(rendered.steps) if each.startswith("emgr -r")]
    assert removed == ["emgr -r -L IJ41685m3a", "emgr -r -L IJ36810s3a"]
    assert any("The kernel that runs is of IJ41685m3a" in each for each in rendered.warnings)
    absent = asked("remove_ifixes", choices={"labels": "IJ1s1a"})
    assert "There is no interim fix IJ1s1a on pay01." in reasons(absent)
    assert "names no interim fix" in reasons(asked("remove_ifixes", choices={}))


LKU = (
    "lku-ifixes:\n   class       = resources\n   type        = lpp_source\n   Rstate      = ready for use\n"
    "   location    = /export/nim/lku-ifixes\n   alloc_count = 0\n   server      = master\n"
)


def through_nim(
    procedure: str = "nim_ifix_live_update", resource: str | None = LKU, **choices: str
) -> Subject:
    """pay01 with its NIM master's answers, of its lpp_source too (None: NIM has none)."""
    said = {"lpp_source": "lku-ifixes", "ifixes": f"{KERNEL}\n{TOOLS}", **choices}
    facts: dict[str, str | None] = {
        "lslpp": FILESETS,
        f"nim_ifix {PATHS[KERNEL]}": KERNEL_SAYS,
        f"nim_ifix {PATHS[TOOLS]}": TOOLS_SAY,
        "nim_object lku-ifixes": resource,
    }
    found = nim_subject(facts, procedure=procedure, target_level="", choices=said, package_paths=PATHS)
    if resource is None:
        at = datetime(2026, 11, 25, tzinfo=UTC)
        none = Output("", NO_OBJECT, 1)
        found.facts.add(Reading("nim_object", "lku-ifixes", "nim01", "lsnim", none, at))
    return found


NIM_PLANS = {
    "nim": through_nim(),
    "nim_defined": through_nim(resource=None, ifix_directory="/export/nim/lku-ifixes"),
    "nim_preview": through_nim("nim_ifix_preview"),
}


@pytest.mark.parametrize("case", NIM_PLANS)
def test_golden_through_nim(case: str) -> None:
    lpar = NIM_PLANS[case]
    rendered = render(lpar.procedure, lpar, nim_hosts(), "hmc01-liveupdate", ALL)
    assert_golden(rendered, case)
    assert read_plan(rendered.document()) == rendered
    assert "lku-ifixes" in summary(rendered)


def test_nim_names_the_files_and_asks_each_package_on_the_master() -> None:
    rendered = render("nim_ifix_live_update", NIM_PLANS["nim"], nim_hosts(), "hmc01-liveupdate", ALL)
    data = "-a live_update=yes -a live_update_data=liveupdate_data_pay01 pay01"
    commands = shown(rendered.steps)
    filesets = f"-a 'filesets={KERNEL} {TOOLS}'"
    assert f"nim -o cust -a lpp_source=lku-ifixes -a installp_flags=-p {filesets} {data}" in commands
    assert f"nim -o cust -a lpp_source=lku-ifixes {filesets} {data}" in commands
    asked_there = step(rendered, "ifix_IJ43869m3a_described")
    assert asked_there.host is StepHost.NIM_MASTER
    assert shown((asked_there,)) == [f"emgr -d -e {PATHS[KERNEL]} -v2"]
    assert not any("update_all" in each or "accept_licenses" in each for each in commands)


def test_an_lpp_source_that_nim_has_not_is_defined_over_the_directory_and_stays() -> None:
    rendered = render("nim_ifix_live_update", NIM_PLANS["nim_defined"], nim_hosts(), "x", ALL)
    define = "nim -o define -t lpp_source -a server=master -a location=/export/nim/lku-ifixes lku-ifixes"
    assert define in shown(rendered.steps)
    assert not any("remove lku-ifixes" in each for each in shown(rendered.restoration))
    for lpar, reason in (
        (through_nim(resource=None), "NIM has no lpp_source lku-ifixes"),
        (through_nim(lpp_source=""), "names no lpp_source"),
        (through_nim(resource=LKU.replace("/lku-ifixes", "/moved")), "discover the NIM master again"),
    ):
        with pytest.raises(CannotPlan, match=reason):
            render(lpar.procedure, lpar, nim_hosts(), "x", ALL)


ROW = "{id}  {state}  {label} 10/14/22 11:03:46            IJ43869 kernel fix\n"
HEAD = "ID  STATE LABEL      INSTALL TIME      UPDATED BY ABSTRACT\n====== ===== ================ ===\n"


@pytest.mark.parametrize(
    ("row", "good"),
    [
        (ROW.format(id=7, state=" S ", label="IJ43869m3a"), True),
        (ROW.format(id=12, state="SP", label="IJ43869m3a"), True),
        (ROW.format(id=7, state="*Q*", label="IJ43869m3a"), False),
        (ROW.format(id=7, state=" S ", label="IJ43869m3"), False),
        ("", False),
    ],
)
def test_installed_means_listed_and_stable_however_wide_the_columns(row: str, good: bool) -> None:
    expect = step(plan(PLANS["kernel"]), "ifixes_installed").expect
    other = ROW.format(id=1, state=" S ", label="1022104a")
    assert judge(expect, Outcome(0, [(HEAD + other + row).encode()])).met is good


def test_a_failure_counts_whatever_the_status_says() -> None:
    rendered = plan(PLANS["kernel"])
    said = "Return Status = FAILURE\nThe live update operation succeeded.\n"
    assert not judge(step(rendered, "update").expect, Outcome(0, [said.encode()])).met
    assert {each.id for each in rendered.failure} >= {"fetched_emgr_log", "ifixes_left"}


def test_only_what_moves_the_workload_takes_disks() -> None:
    moving = {name for name, one in PROCEDURES.items() if "ifix" in name and one.moves_workload}
    assert moving >= {"ifix_live_update"} and not moving & {"ifix_preview", "install_ifixes", "remove_ifixes"}
