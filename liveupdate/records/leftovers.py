"""Opens and closes leftovers by what a look shows and a run tells, each with its entry in the ledger."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models.functions import Now
from django.utils.timezone import localdate

from inventory.models import Lpar
from liveupdate.lpar.residue import CARE, SEEN_BY_LOOKS, LeftoverKind, Residue
from liveupdate.models import Leftover, Run
from liveupdate.records.not_restored import not_restored
from liveupdate.states import RunState, StepPart, StepState
from portal.access.models import User
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record

GONE = "The facts show it no more."
NOBODY_DID = "The run was closed before."


def note_look(lpar: Lpar, residue: Iterable[Residue]) -> None:
    """Open what is new, close what is gone, in the caller's transaction."""
    seen = {(each.kind.value, each.about): each for each in residue}
    kinds = [kind.value for kind in SEEN_BY_LOOKS]
    open_ones = Leftover.objects.filter(lpar=lpar, closed_at=None, kind__in=kinds).select_related(
        "lpar__host"
    )
    for row in open_ones:
        still = seen.pop((row.kind, row.about), None)
        if still is None:
            _close(row)
        elif still.text != row.text:
            Leftover.objects.filter(pk=row.pk).update(text=still.text)
    if seen:
        run = lpar.runs.filter(started_at__isnull=False).select_related("request__requester").first()
        for each in seen.values():
            _open(lpar, each, run)


def note_run(run: Run) -> None:
    """Open what a run that is over could not take back, did not find as expected, or took away for good."""
    for step in not_restored(run):
        text = f"{step.title}: {step.message or NOBODY_DID}"
        _open(run.lpar, Residue(LeftoverKind.UNRESTORED, text), run)
    if run.state == RunState.SUCCEEDED_WITH_RESIDUE:
        failed = run.steps.filter(state=StepState.FAILED)
        for step in failed.filter(chosen="").exclude(part=StepPart.RESTORATION):
            _open(run.lpar, Residue(LeftoverKind.UNPROVEN, f"{step.title}: {step.message}"), run)
    removed = run.steps.filter(state=StepState.SUCCEEDED, key__regex=r"^ifix_\w+_removed$")
    if labels := [key.split("_")[1] for key in removed.values_list("key", flat=True)]:
        text = f"Removed for the update: {', '.join(labels)}. Are they still needed at the new level?"
        _open(run.lpar, Residue(LeftoverKind.IFIXES_REMOVED, text), run)


def _open(lpar: Lpar, residue: Residue, run: Run | None) -> None:
    owner: User | None = run.request.requester if run else None
    due_on = localdate() + timedelta(days=CARE[residue.kind].days)
    row = Leftover.objects.create(
        lpar=lpar,
        run=run,
        kind=residue.kind,
        about=residue.about,
        text=residue.text,
        owner=owner,
        due_on=due_on,
    )
    said = {"kind": residue.kind.value, "text": row.text, "due_on": due_on.isoformat()}
    _enter(Event.LEFTOVER_OPEN, row, said)


def _close(row: Leftover) -> None:
    Leftover.objects.filter(pk=row.pk).update(closed_at=Now(), closed_reason=GONE)
    _enter(Event.LEFTOVER_CLOSE, row, {"kind": row.kind, "reason": GONE})


def _enter(event: Event, row: Leftover, said: dict[str, str]) -> None:
    record(event, Actor.portal(), {"lpar": row.lpar.name}, {"leftover": row.pk, **said}, run=row.run_id)
