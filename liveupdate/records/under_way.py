"""What a run is at, beyond its rows: by the steps of its plan that are under way."""

from liveupdate.models import Run
from liveupdate.procedures.document import read_plan
from liveupdate.states import StepState


def works_elsewhere(run: Run) -> bool:
    """Whether the Live Update is under way as a command of the NIM master, which ending does not stop."""
    under_way = set(run.steps.filter(state=StepState.RUNNING).values_list("key", flat=True))
    steps = read_plan(run.plan.document).all_steps if under_way else ()
    return any(step.live_update and step.works_elsewhere for step in steps if step.id in under_way)
