"""The way that a run takes through its plan, by what the record says of its steps."""

from collections.abc import Mapping
from dataclasses import dataclass

from liveupdate.models import RunStep
from liveupdate.procedures.step import Branch, OnFailure, Plan, Step
from liveupdate.states import StepPart, StepState

FORWARD = (StepPart.STEPS, StepPart.BRANCH)
"""The parts that bring the LPAR on; the others explain and take back."""
OVER = (StepState.SUCCEEDED, StepState.SKIPPED, StepState.FAILED)


@dataclass(frozen=True, slots=True)
class Course:
    """A plan beside the rows of its steps, by their ids."""

    plan: Plan
    rows: Mapping[str, RunStep]

    def forward(self) -> tuple[Step, ...]:
        """The plan's steps; behind one that failed those of the branch that a person chose for it."""
        steps: list[Step] = []
        for step in self.plan.steps:
            steps.append(step)
            if branch := self.chosen_after(step.id):
                steps.extend(branch.steps)
        return tuple(steps)

    def chosen_after(self, step_id: str) -> Branch | None:
        """The branch whose steps take this step's place, if a person chose one."""
        row = self.rows[step_id]
        branches = self.plan.branches_after(step_id) if row.state == StepState.FAILED else ()
        return next((branch for branch in branches if branch.name == row.chosen), None)

    def begun(self) -> tuple[Step, ...]:
        """The steps that bring the LPAR on, as far as they were begun."""
        forward = (step for step, part, _ in self.plan.placed() if part in FORWARD)
        return tuple(step for step in forward if self.rows[step.id].started_at is not None)

    def is_void(self, step: Step) -> bool:
        """Whether a step takes back what was never begun."""
        return bool(step.undoes) and self.rows[step.undoes].started_at is None

    def has_failure_to_explain(self) -> bool:
        """Whether a step failed that the plan does not go on without, after a Live Update was begun."""
        begun = self.begun()
        failed = (step for step in begun if self.rows[step.id].state == StepState.FAILED)
        return any(step.live_update for step in begun) and any(
            step.on_failure is not OnFailure.CONTINUE for step in failed
        )

    def why_skipped(self, row: RunStep) -> str:
        """Why a step that brings the LPAR on is never begun, once the run only takes back."""
        after = {branch.name: branch.after for branch in self.plan.branches}
        if row.branch and self.rows[after[row.branch]].chosen != row.branch:
            return "Nobody chose this way out."
        return "The run ended before this step."
