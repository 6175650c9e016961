"""Plans that preview or rehearse: nothing is installed, and what may stay stays."""

import pytest

from liveupdate.procedures.catalogue import PROCEDURES, CannotPlan, render, summary
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import Plan, Step, WriteFile
from portal.lib.canonical import canonical_json
from tests.golden_plans import assert_golden
from tests.unit.plan_subject import LSPV, READY, fileset, hosts, ifixes, locks, subject

IFIXES = {
    "emgr_packages": locks("IJ40615m4b"),
    "emgr_list": ifixes("IJ40615m4b"),
    "lslpp": READY["lslpp"] + fileset("bos.net", state="A"),
}
CASES: dict[str, tuple[str, dict[str, str | None]]] = {
    "ready": ("local_rehearsal", {}),
    "ifixes_stay": ("local_rehearsal", IFIXES),
    "from_media": ("local_preview", {}),
    "as_it_is": ("local_rehearsal_preview", {}),
}


def planned(case: str) -> Plan:
    procedure, facts = CASES[case]
    given = {"procedure": procedure}
    if "rehearsal" in procedure:
        given |= {"media": "", "target_level": ""}
    return render(procedure, subject(facts, **given), hosts(), "hmc01-liveupdate", frozenset())


def lines(steps: tuple[Step, ...]) -> list[str]:
    return [step.action.command.display() for step in steps if not isinstance(step.action, WriteFile)]


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str) -> None:
    plan = planned(case)
    assert_golden(plan, case)
    assert read_plan(canonical_json(plan.document()).decode()) == plan == planned(case)
    assert "\n" not in summary(plan)


@pytest.mark.parametrize("case", ["ready", "ifixes_stay"])
def test_a_rehearsal_moves_the_lpar_as_it_is(case: str) -> None:
    plan = planned(case)
    sent = lines(plan.steps)
    assert [line for line in sent if "geninstall" in line] == ["geninstall -k -p", "geninstall -k"]
    assert not [line for line in sent if line.startswith(("mount ", "emgr -r", "installp"))]
    at = sent.index("geninstall -k")
    assert sent[at + 1 : at + 3] == ["oslevel -s", "cat /proc/version"]
    unchanged = {step.id: step.expect.has for step in plan.steps}
    assert unchanged["level_after"] == unchanged["level_before"]
    assert unchanged["kernel_after"] == unchanged["kernel_before"]
    assert sent[-2:] == ["alt_rootvg_op -X lvup_rootvg", "lspv"]
    assert plan.failure, "a failed rehearsal is explained as well"


def test_a_rehearsal_without_clone_says_so_and_is_planned() -> None:
    facts: dict[str, str | None] = {"lspv": LSPV.replace("altinst_rootvg", "None")}
    plan = render(
        "local_rehearsal",
        subject(facts, procedure="local_rehearsal", media="", target_level=""),
        hosts(),
        "hmc01-liveupdate",
        frozenset(),
    )
    assert any("a clone is recommended, not needed" in warning for warning in plan.warnings)
    with pytest.raises(CannotPlan, match="clone"):
        render("local_live_update", subject(facts), hosts(), "hmc01-liveupdate", frozenset())


@pytest.mark.parametrize("case", ["from_media", "as_it_is"])
def test_a_preview_changes_nothing_for_good(case: str) -> None:
    plan = planned(case)
    assert not PROCEDURES[plan.procedure].moves_workload
    assert plan.watch is None
    assert all(step.reversible and not step.live_update for step in plan.steps)
    assert plan.steps[-1].id == "preview"
    changed = {step.id for step in plan.steps if step.kind != "read"} - {"preview"}
    undone = {step.undoes for step in plan.restoration}
    assert changed - undone <= {"lvupdate_data_kept"}
