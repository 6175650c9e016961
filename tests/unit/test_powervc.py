"""Plans through PowerVC: its logon in the HMC's place, no spare disks, the password at a prompt."""

from dataclasses import replace

import pytest

from inventory.lab.liveupdate import datafile
from liveupdate.lpar.subject import PowerVcConsole, Subject
from liveupdate.procedures.catalogue import CannotPlan, render, summary
from liveupdate.procedures.step import Answer, Plan, Step, WriteFile
from liveupdate.readiness.base import FindingState, examine
from liveupdate.readiness.catalogue import CHECK_OF
from tests.golden_plans import assert_golden
from tests.unit.plan_subject import LSPV, hosts, subject

CONSOLE = PowerVcConsole("pvc01", "10.254.0.9", "lku", "ibm-default", "pvc01-lku")
NO_SPARES = "\n".join(line for line in LSPV.splitlines() if "None" not in line) + "\n"
SESSION = "Address  : 10.254.0.9\nUser name: lku\nPort     : 5000\n"
DATA = "pvc:\n\tmanagement_console = pvc01\n\tuser = lku\n\tproject = ibm-default\n"
PROCEDURES = ("powervc_live_update", "powervc_preview", "powervc_rehearsal")


def managed(changes: dict[str, str | None] | None = None, procedure: str = "powervc_live_update") -> Subject:
    """pay01 without a spare disk, in the care of PowerVC."""
    facts = {"pvcauth": "", "lspv": NO_SPARES} | (changes or {})
    return replace(subject(facts, procedure=procedure), powervc=CONSOLE)


def plan(procedure: str, changes: dict[str, str | None] | None = None) -> Plan:
    return render(procedure, managed(changes, procedure), hosts(), "", frozenset())


def step(rendered: Plan, step_id: str) -> Step:
    return next(each for each in rendered.all_steps if each.id == step_id)


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_the_lpar_logs_on_to_powervc_at_a_prompt_and_off_again(procedure: str) -> None:
    rendered = plan(procedure)
    logon = step(rendered, "powervc_logon").action
    assert isinstance(logon, Answer)
    assert logon.command.display() == "pvcauth -u lku -a 10.254.0.9 -o ibm-default"
    assert [prompt.credential for prompt in logon.prompts] == ["pvc01-lku"]
    assert step(rendered, "powervc_logoff").undoes == "powervc_logon"
    words = [word for each in (*rendered.steps, *rendered.restoration) for word in _argv(each)]
    assert "hmcauth" not in words
    assert rendered.parameters.get("nhdisk", []) == rendered.parameters.get("mhdisk", []) == []
    assert "pvc01" in summary(rendered)


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_the_data_file_names_powervc_and_no_disk(procedure: str) -> None:
    written = step(plan(procedure), "lvupdate_data").action
    assert isinstance(written, WriteFile)
    data = datafile.parse(written.content)
    assert data.through_powervc and data.console == ("10.254.0.9", "lku")
    assert data.value("pvc", "project") == "ibm-default"
    assert {stanza for stanza, _ in data.values} == {"general", "pvc"}


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_the_plan_as_it_is_kept(procedure: str) -> None:
    assert_golden(plan(procedure), "no_spares")


def test_a_session_that_is_there_is_used_and_stays() -> None:
    rendered = plan("powervc_live_update", {"pvcauth": SESSION})
    ids = [each.id for each in rendered.all_steps]
    assert "powervc_logon" not in ids and "powervc_logoff" not in ids
    assert ids.index("preview") < ids.index("powervc_session_still") < ids.index("update")


@pytest.mark.parametrize("said", [SESSION.replace("lku", "admin"), SESSION.replace(".9", ".8")])
def test_a_session_of_another_user_or_server_does_not_count(said: str) -> None:
    assert step(plan("powervc_live_update", {"pvcauth": said}), "powervc_logon")


def test_without_powervc_there_is_no_plan() -> None:
    lpar = replace(managed(), powervc=None)
    with pytest.raises(CannotPlan, match="names no PowerVC for pay01"):
        render("powervc_live_update", lpar, hosts(), "", frozenset())


def _argv(each: Step) -> tuple[str, ...]:
    command = getattr(each.action, "command", None)
    return command.argv if command else ()


@pytest.mark.parametrize(
    ("changes", "state", "says"),
    [
        ({}, FindingState.BLOCKER, "the plan writes the file anew"),
        ({"lvupdate_data": DATA}, FindingState.BLOCKER, "no session there yet"),
        ({"lvupdate_data": DATA, "pvcauth": SESSION}, FindingState.OK, "both name pvc01 and lku"),
        (
            {"lvupdate_data": DATA.replace("lku", "admin"), "pvcauth": SESSION},
            FindingState.BLOCKER,
            "does not name pvc01 as lku",
        ),
    ],
)
def test_data_file_and_session_are_compared(
    changes: dict[str, str | None], state: FindingState, says: str
) -> None:
    finding = examine(CHECK_OF["RQ-041"], managed(changes))
    assert (finding.state, says in finding.outcome.message) == (state, True)
    assert finding.outcome.curable is (state == FindingState.BLOCKER)
