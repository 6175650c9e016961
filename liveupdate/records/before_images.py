"""What is kept of an LPAR from before: what the last run recorded, else the facts held at the request."""

from inventory.actions.readings import reading_of
from inventory.facts.aix.lssrc import LSSRC
from inventory.facts.aix.mount import MOUNT
from inventory.facts.base import FactMissing, FactSet
from inventory.models import FactReading, Lpar
from liveupdate.lpar.before import Before, facts_there, lines_there
from liveupdate.models import Request, Run
from liveupdate.procedures.services import COMPARED
from liveupdate.records.step_output import output_of
from liveupdate.states import StepState


def before_of(lpar: Lpar, request: Request) -> Before | None:
    """What there is to compare an LPAR with; None where nothing was recorded before."""
    return _of_run(lpar) or _of_facts(lpar, request)


def _of_run(lpar: Lpar) -> Before | None:
    """The before-image of the last run that made one before it changed anything."""
    made = lpar.runs.filter(steps__key="mounts_before", steps__state=StepState.SUCCEEDED)
    run = made.order_by("-id").select_related("request").first()
    if run is None or run.started_at is None:
        return None
    has = {sight: lines for sight in COMPARED if (lines := _recorded(run, sight))}
    return Before(f"what {run} recorded at {run.started_at:%Y-%m-%d %H:%M} UTC", has) if has else None


def _recorded(run: Run, sight: str) -> tuple[str, ...]:
    output = output_of(run, f"{sight}_before")
    return lines_there(sight, output.stdout) if output else ()


def _of_facts(lpar: Lpar, request: Request) -> Before | None:
    """The facts as they stood when the request was made: looks for its plan change nothing of that."""
    facts, asked_at = FactSet(), request.created_at
    for fact in (MOUNT, LSSRC):
        rows = FactReading.objects.filter(subject=lpar.host, fact=fact.name, first_read_at__lt=asked_at)
        stood = rows.select_related("host").order_by("-first_read_at").first()
        if stood is None:
            return None
        facts.add(reading_of(stood))
    try:
        has = facts_there(facts.value(MOUNT), facts.value(LSSRC))
    except FactMissing:
        return None
    return Before(f"the facts that were held when this was asked for, {asked_at:%Y-%m-%d %H:%M} UTC", has)
