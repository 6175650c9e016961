"""Ways out that a person chooses, and what explains a failure: when they run, once, and with what end."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liveupdate.actions.runs import Decision, branches_offered, decide, start_run
from liveupdate.engine.execution import execute
from liveupdate.models import Run, RunEvent, RunStep
from liveupdate.procedures import step as words
from liveupdate.states import RunState
from portal.audit.models import Intake
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.integration.engine_world import World, make_world, sh
from tests.integration.test_engine_execution import entries, states
from tests.ssh_server import Server, in_process_server

ONCE, IDEMPOTENT = words.StepKind.ONCE, words.StepKind.IDEMPOTENT
CHOOSE, CONTINUE = words.OnFailure.CHOOSE, words.OnFailure.CONTINUE


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def world(transactional_db: None, server: Server, settings: Any) -> World:
    settings.PORTAL_LAUNCHER_DIR = str(server.directory / "launcher")
    settings.PORTAL_POLL_S = 0.05
    return make_world(server.endpoint(), server.endpoint(name="hmc01"))


def does(name: str, script: str = "true", **more: Any) -> words.Step:
    return sh(name, f"echo {name} >> ran; {script}", **({"kind": IDEMPOTENT} | more))


def queue(world: World, update: str = "exit 1", repeat: str = "true", **more: Any) -> Run:
    """Live Update with two ways out, what explains its failure, and what is taken back in any case."""
    plan = world.plan(
        [
            does("prepare"),
            does("update", update, kind=ONCE, live_update=True, on_failure=CHOOSE),
            does("verify"),
        ],
        [does("undo", phase=words.Phase.RESTORE, undoes="prepare")],
        failure=(does("collect", "echo no such log >&2; exit 2"), does("collect_more")),
        branches=(
            words.Branch(
                "repeat", "update", "Repeat it", "Its cause is gone.", (does("again", repeat, **more),)
            ),
            words.Branch("reboot", "update", "Restart", "As before.", (does("stop"), does("reboot"))),
        ),
    )
    return start_run(world.approved(plan).pk)


def carry_on(run: Run) -> Run:
    execute(run.pk, "w")
    run.refresh_from_db()
    return run


def ran(server: Server) -> list[str]:
    return (server.directory / "ran").read_text().split()


def test_a_plan_that_goes_well_takes_no_branch_and_explains_nothing(world: World, server: Server) -> None:
    run = carry_on(queue(world, "true"))
    assert run.state == RunState.SUCCEEDED
    assert ran(server) == ["prepare", "update", "verify", "undo"]
    skipped = dict(RunStep.objects.filter(run=run, state="skipped").values_list("key", "message"))
    assert skipped == {
        "again": "Nobody chose this way out.",
        "stop": "Nobody chose this way out.",
        "reboot": "Nobody chose this way out.",
        "collect": "No Live Update failed.",
        "collect_more": "No Live Update failed.",
    }


def test_a_person_chooses_and_the_branch_takes_the_steps_place(world: World, server: Server) -> None:
    run = carry_on(queue(world))
    assert run.state == RunState.NEEDS_PERSON
    assert "“Repeat it”, or “Restart”" in run.reason
    assert [branch.name for branch in branches_offered(run)] == ["repeat", "reboot"]
    assert ran(server) == ["prepare", "update", "collect", "collect_more"], "explained before the choice"

    for decision, branch, error in (
        (Decision.CONTINUE, "", Conflict),
        (Decision.BRANCH, "neither", Invalid),
        (Decision.BRANCH, "", Invalid),
    ):
        with pytest.raises(error):
            decide(run.pk, world.operator, decision, "a reason", branch)
    with pytest.raises(NotAllowed):
        decide(run.pk, world.requester, Decision.BRANCH, "a reason", "reboot")

    decide(run.pk, world.operator, Decision.BRANCH, "the workload may stop", "reboot")
    carry_on(run)
    assert run.state == RunState.SUCCEEDED
    assert run.outcome == "Done. update failed; “Restart” took its place."
    assert ran(server)[4:] == ["stop", "reboot", "verify", "undo"]
    update = RunStep.objects.get(run=run, key="update")
    assert (update.state, update.chosen) == ("failed", "reboot")
    assert states(run)["again"] == "skipped"
    said = next(entry for entry in entries(run) if entry["t"] == "run.decision")
    assert said["sub"]["step"] == "update"
    assert said["d"] == {"decision": "branch", "branch": "reboot", "reason": "the workload may stop"}
    notes = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.NOTE).values_list("data__text", flat=True)
    assert "olaf decided to take the branch “Restart”: the workload may stop" in notes


def test_a_branch_that_fails_restores_and_explains_no_second_time(world: World, server: Server) -> None:
    run = carry_on(queue(world, repeat="exit 5"))
    decide(run.pk, world.operator, Decision.BRANCH, "the file is closed", "repeat")
    carry_on(run)
    assert run.state == RunState.FAILED
    assert run.outcome.startswith("again: It ended with exit status 5")
    assert ran(server) == ["prepare", "update", "collect", "collect_more", "again", "undo"]
    assert (states(run)["verify"], states(run)["stop"]) == ("skipped", "skipped")


def test_a_worker_that_dies_within_a_branch_is_followed_by_another(world: World, server: Server) -> None:
    run = carry_on(queue(world, repeat="sleep 0.5", kind=ONCE))
    decide(run.pk, world.operator, Decision.BRANCH, "the file is closed", "repeat")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("liveupdate.engine.workspace.Workspace.conclude", died)
        with pytest.raises(Died):
            execute(run.pk, "dies")
    Run.objects.filter(pk=run.pk).update(owner="", lease_until=None)
    carry_on(run)
    assert run.state == RunState.SUCCEEDED
    assert ran(server)[4:] == ["again", "verify", "undo"], "once, and the plan goes on behind it"


def test_giving_up_at_the_choice_restores(world: World, server: Server) -> None:
    run = carry_on(queue(world))
    decide(run.pk, world.operator, Decision.RESTORE, "not tonight")
    carry_on(run)
    assert (run.state, ran(server)[-1]) == (RunState.FAILED, "undo")
    assert states(run)["verify"] == "skipped"


def test_a_choice_that_somebody_wrote_into_the_table_does_nothing(world: World, server: Server) -> None:
    run = carry_on(queue(world))
    RunStep.objects.filter(run=run, key="update").update(chosen="reboot")
    Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING)
    carry_on(run)
    assert run.state == RunState.NEEDS_PERSON
    assert "The ledger knows of no decision for “Restart”" in run.reason
    assert "reboot" not in ran(server)


@pytest.mark.parametrize(
    ("first", "update", "explained"),
    [("exit 1", "true", False), ("true", "exit 1", True)],
    ids=["before the Live Update", "in the Live Update"],
)
def test_only_a_failure_with_the_live_update_begun_is_explained(
    world: World, server: Server, first: str, update: str, explained: bool
) -> None:
    plan = world.plan(
        [
            does("may fail", "exit 1", on_failure=CONTINUE),
            does("first", first),
            does("update", update, kind=ONCE, live_update=True),
        ],
        [does("undo", phase=words.Phase.RESTORE, undoes="first")],
        failure=(does("collect", "exit 2"), does("more")),
    )
    run = carry_on(start_run(world.approved(plan).pk))
    assert run.state == RunState.FAILED
    assert "collect" not in run.outcome, "what could not be collected turns nothing"
    assert [name for name in ran(server) if name in ("collect", "more", "undo")] == (
        ["collect", "more", "undo"] if explained else ["undo"]
    )
    assert states(run)["collect"] == ("failed" if explained else "skipped")


def test_the_ledger_holds_every_end_of_every_part(world: World) -> None:
    run = carry_on(queue(world))
    decide(run.pk, world.operator, Decision.BRANCH, "again", "repeat")
    carry_on(run)
    ends = Intake.objects.filter(run=run.pk, event__in=("step.end", "step.skip")).count()
    assert ends == RunStep.objects.filter(run=run).count()


class Died(BaseException):
    """What a killed worker raises nowhere; nothing may catch it."""


def died(*_: Any, **__: Any) -> None:
    raise Died
