"""What a run changed on an LPAR and did not take back."""

from collections.abc import Iterator

from liveupdate.models import Run
from liveupdate.procedures.document import read_plan
from liveupdate.states import StepState


def not_restored(run: Run) -> Iterator[str]:
    """A sentence for each step of the restoration that had something to take back and did not succeed."""
    rows = {row.key: row for row in run.steps.all()}
    for step in read_plan(run.plan.document).restoration:
        begun = step.undoes and rows[step.undoes].started_at is not None
        if begun and rows[step.id].state != StepState.SUCCEEDED:
            yield f"Not restored: {step.title}."
