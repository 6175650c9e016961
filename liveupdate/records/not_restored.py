"""What a run changed on an LPAR and did not take back."""

from liveupdate.models import Run, RunStep
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import StepKind
from liveupdate.states import StepState


def not_restored(run: Run) -> list[RunStep]:
    """The steps of the restoration that had something to take back and did not succeed.

    What only reads takes nothing back; it counts where it failed, because it was to prove that all is as
    before.
    """
    rows = {row.key: row for row in run.steps.all()}
    return [
        rows[step.id]
        for step in read_plan(run.plan.document).restoration
        if rows[step.id].state != StepState.SUCCEEDED
        and (
            rows[step.id].state == StepState.FAILED
            or (step.kind is not StepKind.READ and step.undoes and rows[step.undoes].started_at is not None)
        )
    ]
