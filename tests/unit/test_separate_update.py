"""Plans that install first and activate afterwards, with both prepared ways out of a failed Live Update."""

from typing import Any

import pytest

from liveupdate.engine.judge import Outcome, judge
from liveupdate.procedures.catalogue import PROCEDURES, CannotPlan, render, summary
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import OnFailure, Plan, Step, StepKind, WriteFile
from liveupdate.states import LparState
from portal.lib.canonical import canonical_json
from tests.golden_plans import assert_golden
from tests.unit.nim_subject import nim_hosts, nim_subject
from tests.unit.plan_subject import SRC_HEAD, hosts, subject

WORKLOAD = {
    "stop_workload": "/opt/payroll/bin/paystop -a\n/opt/payroll/bin/dbstop 'pay roll'",
    "start_workload": "/opt/payroll/bin/dbstart\n/opt/payroll/bin/paystart",
}
PFC = {"lssrc": SRC_HEAD + " pfcdaemon                         7012860      active\n"}
INSTALLED = {"oslevel": "7200-05-04-2220\n"} | PFC
CASES: dict[str, tuple[str, dict[str, str | None], dict[str, str]]] = {
    "with_workload": ("separate_update", PFC, WORKLOAD),
    "restart_alone": ("separate_update", {}, {}),
    "updated": ("live_update_only", INSTALLED, WORKLOAD),
    "restarted": ("activate_by_restart", INSTALLED, WORKLOAD),
}


def planned(case: str, **fields: Any) -> Plan:
    procedure, facts, choices = CASES[case]
    given = {"procedure": procedure, "choices": choices} | fields
    if procedure != "separate_update":
        given |= {"media": "", "target_level": ""}
    return render(procedure, subject(facts, **given), hosts(), "hmc01-liveupdate", frozenset())


def lines(steps: tuple[Step, ...]) -> list[str]:
    return [s.action.command.display() for s in steps if not isinstance(s.action, WriteFile)]


def after(plan: Plan, step_id: str) -> list[str]:
    ids = [step.id for step in plan.steps]
    return lines(plan.steps[ids.index(step_id) :])


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str) -> None:
    plan = planned(case)
    assert_golden(plan, case)
    assert read_plan(canonical_json(plan.document()).decode()) == plan == planned(case)
    assert "\n" not in summary(plan)


def test_the_update_is_proven_before_it_is_activated() -> None:
    assert after(planned("with_workload"), "preview")[:9] == [
        "geninstall -k -p -d /mnt update_all",
        "install_all_updates -Y -d /mnt",
        "oslevel -s",
        "cat /proc/version",
        "installp -c ALL",
        "startsrc -s pfcdaemon",
        "lssrc -s pfcdaemon",
        "geninstall -k -p",
        "geninstall -k",
    ]
    assert "startsrc -s pfcdaemon" not in after(planned("restart_alone"), "preview")


def test_what_is_installed_already_is_only_activated() -> None:
    sent = lines(planned("updated").steps)
    assert "geninstall -k" in sent and "geninstall -k -p" in sent
    assert not [
        line for line in sent if "update_all" in line or "install_all" in line or line.startswith("mount ")
    ]
    assert "shutdown -Fr" in lines(planned("restarted").steps)
    assert not [line for line in lines(planned("restarted").all_steps) if "geninstall" in line]


@pytest.mark.parametrize("case", ["with_workload", "updated"])
def test_two_ways_out_are_prepared_and_neither_goes_before_a_cleanup(case: str) -> None:
    plan = planned(case)
    (choosing,) = [step for step in plan.steps if step.on_failure is OnFailure.CHOOSE]
    assert choosing.live_update and choosing.kind is StepKind.ONCE and not choosing.reversible
    repeat, restart = plan.branches
    assert lines(repeat.steps) == [
        "lssyscfg -r lpar -m 9080-M9S-78A1234 -F name,lpar_id,state",
        "lspv",
        "/opt/payroll/bin/paystop -a",
        "/opt/payroll/bin/dbstop 'pay roll'",
        "geninstall -k -p",
        "geninstall -k",
    ]
    assert lines(restart.steps) == [
        "lssyscfg -r lpar -m 9080-M9S-78A1234 -F name,lpar_id,state",
        "lspv",
        "bootlist -m normal -o",
        "shutdown -Fr",
    ]
    for branch in plan.branches:
        names, disks = branch.steps[:2]
        assert judge(names.expect, Outcome(0, [b"pay01,26,Running\n"])).met
        assert not judge(names.expect, Outcome(0, [b"pay01_lku0,26,Running\npay01,30,Running\n"])).met
        free = b"hdisk2 00fa343b8f01b1e2 None\nhdisk10 00c2fcc8dfe7288e None\n"
        assert judge(disks.expect, Outcome(0, [free])).met
        assert not judge(disks.expect, Outcome(0, [free.replace(b"None", b"lvup_rootvg", 1)])).met
        assert all(step.on_failure is OnFailure.RESTORE for step in branch.steps)


def test_the_workload_starts_again_in_its_own_order_once_it_was_stopped() -> None:
    started = [step for step in planned("with_workload").restoration if step.id.startswith("workload")]
    assert lines(tuple(started)) == ["/opt/payroll/bin/dbstart", "/opt/payroll/bin/paystart"]
    assert {step.undoes for step in started} == {"workload_stopped_1"}


def test_without_stop_commands_only_the_restart_is_prepared() -> None:
    plan = planned("restart_alone")
    assert [branch.name for branch in plan.branches] == ["restart"]
    assert any("only a restart is prepared" in warning for warning in plan.warnings)


def test_nothing_is_stopped_that_could_not_be_started() -> None:
    with pytest.raises(CannotPlan, match="not how it is started again"):
        planned("with_workload", choices={"stop_workload": "/opt/payroll/bin/paystop"})


def test_after_either_way_the_disks_are_right() -> None:
    plan = planned("with_workload")
    (disks,) = [step for step in plan.steps if step.id == "disks_after"]
    shown = (
        "hdisk0 00fa343b8f050a76 rootvg active\nhdisk2 00fa343b8f01b1e2 {}\n"
        "hdisk10 00c2fcc8dfe7288e None\nhdisk11 00c2fcc8dfe729fd altinst_rootvg\n"
    )
    for group, met in (("lvup_rootvg", True), ("None", True), ("datavg", False)):
        assert judge(disks.expect, Outcome(0, [shown.format(group).encode()])).met is met


def test_only_an_updated_lpar_is_activated() -> None:
    for name in ("live_update_only", "activate_by_restart"):
        assert PROCEDURES[name].states == {LparState.UPDATED_NOT_ACTIVE}
    assert LparState.UPDATED_NOT_ACTIVE not in PROCEDURES["separate_update"].states


def by_nim(level: str = "7200-05-03-2148") -> Plan:
    given = {"procedure": "nim_separate_update", "choices": {"lpp_source": "7200-05-04_lpp"} | WORKLOAD}
    lpar = nim_subject(PFC | {"oslevel": f"{level}\n", "notification_scripts": ""}, **given)
    return render("nim_separate_update", lpar, nim_hosts(), "hmc01-liveupdate", frozenset())


def test_nim_installs_and_the_lpar_moves() -> None:
    plan = by_nim()
    assert_golden(plan, "with_workload")
    assert after(plan, "preview")[:9] == [
        "geninstall -k -p",
        "nim -o cust -a lpp_source=7200-05-04_lpp -a fixes=update_all -a accept_licenses=yes pay01",
        "oslevel -s",
        "cat /proc/version",
        "installp -c ALL",
        "startsrc -s pfcdaemon",
        "lssrc -s pfcdaemon",
        "geninstall -k -p",
        "geninstall -k",
    ]
    assert not [
        line for line in lines(plan.steps) if line.startswith("mount ") or "update_all -a live" in line
    ]
    assert {branch.name for branch in plan.branches} == {"workload_stopped", "restart"}


def test_what_nim_says_of_a_failed_installation_is_one() -> None:
    (install,) = [step for step in by_nim().steps if step.id == "install"]
    said = "install_all_updates: Result = {}\n"
    assert judge(install.expect, Outcome(0, [said.format("SUCCESS").encode()])).met
    assert not judge(install.expect, Outcome(1, [said.format("FAILURE").encode()])).met
    refused = b'0042-001 nim: processing error encountered on "master":\n'
    assert not judge(install.expect, Outcome(0, [said.format("SUCCESS").encode()], [refused])).met


def test_the_licence_defect_does_not_matter_where_nim_installs() -> None:
    assert "c_cust_lku" not in " ".join(lines(by_nim("7200-02-02-1810").all_steps))


def test_nims_method_is_changed_for_a_live_update_by_nim() -> None:
    lpar = nim_subject({"oslevel": "7200-02-02-1810\n", "notification_scripts": ""})
    plan = render("nim_live_update", lpar, nim_hosts(), "hmc01-liveupdate", frozenset({"edit_nim_method"}))
    assert_golden(plan, "licences")
    assert len([step for step in plan.all_steps if step.id.startswith("nim_method")]) == 7
