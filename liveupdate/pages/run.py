"""A run as people watch it: the bar of phases, the steps, what the HMC sees, the blackout."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from liveupdate.lpar.hmc_sight import HmcLpar, partitions_seen, too_long
from liveupdate.lpar.milestones import STRETCH_TITLES, Meaning, Stretch
from liveupdate.models import Run, RunCommand, RunEvent, RunStep
from liveupdate.pages.plan import PHASE_TITLES
from liveupdate.procedures.step import Phase
from liveupdate.records.under_way import works_elsewhere
from liveupdate.states import RUN_TERMINAL, RunState, StepPart, StepState
from portal.lib.clock import now

BEFORE = (Phase.CHECK, Phase.MEDIA, Phase.AUTHENTICATE, Phase.PREPARE, Phase.PREVIEW)
AFTER = (Phase.VERIFY, Phase.RESTORE)
SHORT = {Phase.AUTHENTICATE: "Sign in to HMC", Phase.RESTORE: "Restore"}
PART_PHASES = {StepPart.FAILURE: Phase.COLLECT, StepPart.RESTORATION: Phase.RESTORE}
WATCHED = (RunState.RUNNING, RunState.CONTACT_LOST)
WEIGHTS = (
    StepState.FAILED,
    StepState.UNKNOWN,
    StepState.RUNNING,
    StepState.PENDING,
    StepState.SUCCEEDED,
    StepState.SKIPPED,
)
STRETCHES = tuple(stretch for stretch in Stretch if stretch is not Stretch.DONE)


@dataclass(frozen=True, slots=True)
class BarPart:
    """One part of the bar: done, now, or still to come; the point of no return lies after `pnr`."""

    title: str
    state: str
    pnr: bool = False


@dataclass(frozen=True, slots=True)
class HmcSight:
    """What the HMC showed last of the LPAR and its surrogate; `problem` if it did not answer, `alarm` if
    both are there for too long after the move."""

    at: datetime
    host: str
    lpars: tuple[HmcLpar, ...]
    problem: str
    alarm: str


def bar_of(run: Run) -> list[BarPart]:
    """The phases of the plan, with the stretches of Live Update in their middle."""
    steps = list(run.steps.values_list("phase", "state"))
    reached = _stretch_reached(run)
    parts = [_phase_part(phase, steps) for phase in BEFORE if any(p == phase for p, _ in steps)]
    over = StepState.SUCCEEDED in {state for phase, state in steps if phase == Phase.UPDATE}
    for index, stretch in enumerate(STRETCHES):
        state = _stretch_state(index, reached, over, run)
        parts.append(BarPart(STRETCH_TITLES[stretch], state, pnr=stretch is Stretch.CHECK))
    return parts + [_phase_part(phase, steps) for phase in AFTER if any(p == phase for p, _ in steps)]


def _phase_part(phase: Phase, steps: list[tuple[str, str]]) -> BarPart:
    states = {state for step_phase, state in steps if step_phase == phase}
    if states <= {StepState.SUCCEEDED, StepState.SKIPPED, StepState.FAILED}:
        state = "failed" if StepState.FAILED in states else "done" if StepState.SUCCEEDED in states else ""
    else:
        state = "now" if states != {StepState.PENDING} else ""
    return BarPart(SHORT.get(phase, PHASE_TITLES[phase]), state)


def _stretch_reached(run: Run) -> int:
    """Index of the stretch that the newest milestone of the update belongs to; -1 before the first."""
    milestones = run.events.filter(kind=RunEvent.Kind.MILESTONE).order_by("-id")
    for data in milestones.values_list("data", flat=True):
        if data["meaning"] not in (Meaning.NOTE, Meaning.FAILED) and data["stretch"] != Stretch.DONE:
            return STRETCHES.index(Stretch(data["stretch"]))
    return -1


def _stretch_state(index: int, reached: int, over: bool, run: Run) -> str:
    if over or index < reached:
        return "done"
    if index > reached:
        return ""
    return "failed" if run.state in RUN_TERMINAL or run.ending else "now"


def hmc_sight(run: Run) -> HmcSight | None:
    """What the HMC showed last, or None if nobody looked yet."""
    event = run.events.filter(kind=RunEvent.Kind.HMC).order_by("-id").first()
    if event is None:
        return None
    partition = run.lpar.partition_name or run.lpar.name
    lpars = partitions_seen(partition, event.data["lines"])
    alarm = too_long(lpars, run.blackout_ended_at, event.at)
    return HmcSight(event.at, event.data["host"], lpars, event.data.get("problem", ""), alarm)


def blackout_now(run: Run) -> timedelta | None:
    """How long the workload has stood still: known, or growing while the run is watched; else None."""
    if run.blackout_ms is not None:
        return timedelta(milliseconds=run.blackout_ms)
    if run.blackout_started_at is None or run.state not in WATCHED or run.ending:
        return None
    return now() - run.blackout_started_at


@dataclass(frozen=True, slots=True)
class PhaseSteps:
    """How far the steps of one phase came."""

    title: str
    state: str
    done: int
    count: int


def phase_steps_of(steps: list[RunStep]) -> list[PhaseSteps]:
    """The phases in the order of their steps, each with its worst or liveliest state."""
    phases: dict[str, list[RunStep]] = {}
    for step in steps:
        phases.setdefault(_shown_phase(step), []).append(step)
    return [
        PhaseSteps(
            title=SHORT.get(Phase(phase), PHASE_TITLES[Phase(phase)]).split(" · ")[0],
            state=next(state for state in WEIGHTS if any(step.state == state for step in members)),
            done=sum(step.state in (StepState.SUCCEEDED, StepState.SKIPPED) for step in members),
            count=len(members),
        )
        for phase, members in phases.items()
    ]


def _shown_phase(step: RunStep) -> Phase:
    """Steps that restore or explain stand together, whatever phase they speak of."""
    return PART_PHASES.get(StepPart(step.part), Phase(step.phase))


def steps_of(run: Run) -> list[RunStep]:
    """The steps with the number of their commands."""
    counted = run.steps.annotate(sent=Count("commands", filter=Q(commands__watch=False)))
    return list(counted.order_by("position"))


def files_of(run: Run) -> QuerySet[RunCommand]:
    """The commands that brought a file home whole, in their order; the bytes are their standard output."""
    return run.commands.exclude(file_name="").filter(status=0).select_related("step").order_by("number")


def can_abort(run: Run) -> str:
    """Why the run cannot be aborted; empty while it can."""
    if run.state in RUN_TERMINAL:
        return "The run is over."
    if run.point_of_no_return_at is not None:
        return f"Past the point of no return since {run.point_of_no_return_at:%H:%M:%S} UTC."
    if run.state == RunState.NEEDS_PERSON:
        return "A person has to decide how it goes on; that decision can also give it up."
    if works_elsewhere(run):
        return "NIM has begun the update on the LPAR, where it goes on whatever is stopped on the master."
    if run.ending or run.state == RunState.RESTORING:
        return "It takes back what it changed, and that is not stopped."
    return "The abort is on its way." if run.abort_asked_at else ""
