"""The run's record: every change of state as a row, an event for the page, and a ledger entry."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from liveupdate.engine.claim import Claim, fenced
from liveupdate.models import Run, RunEvent, RunStep
from liveupdate.run_feed import feed_name
from liveupdate.states import RUN_TERMINAL, RunState, StepState
from liveupdate.transitions import enter_state
from portal.audit.events import Event
from portal.audit.record import record
from portal.web import bell

STATE_EVENTS = {
    RunState.CONTACT_LOST: Event.RUN_PAUSE,
    RunState.NEEDS_PERSON: Event.RUN_STUCK,
    **dict.fromkeys(RUN_TERMINAL, Event.RUN_END),
}


class Journal:
    """Writes for one run under one claim. `writing` opens the transaction that all else needs."""

    def __init__(self, claim: Claim, subject: Mapping[str, str | int]) -> None:
        self.claim = claim
        self.run_id = claim.run_id
        self._subject = dict(subject)

    @contextmanager
    def writing(self) -> Iterator[Run]:
        """A transaction that holds the run's row. Raises LostClaim when it is another's."""
        with fenced(self.claim) as run:
            yield run
        bell.ring(feed_name(self.run_id))

    def enter(self, event: Event, data: Mapping[str, Any], *, step: str = "", **more: str | int) -> None:
        """Enter an event of this run into the ledger."""
        subject = {**self._subject, **({"step": step} if step else {}), **more}
        record(event, self.claim.actor, subject, data, run=self.run_id, epoch=self.claim.epoch)

    def say(self, kind: RunEvent.Kind, data: Mapping[str, Any]) -> None:
        """Tell the run's page."""
        RunEvent.objects.create(run_id=self.run_id, kind=kind, data=dict(data))

    def move(self, run: Run, state: RunState, *, reason: str = "", outcome: str = "") -> None:
        """Bring the run into another state; a final one and a person's turn give the claim back."""
        enter_state(run, state, reason=reason, outcome=outcome)
        data = {"state": state.value, "reason": reason, "outcome": run.outcome}
        self.enter(STATE_EVENTS.get(state, Event.RUN_START), data)

    def begin_step(self, step: RunStep, deadline_s: int) -> None:
        """A step begins, or is taken up again; its time limit counts from the first time."""
        changes: dict[str, Any] = {"state": StepState.RUNNING, "attempts": F("attempts") + 1, "message": ""}
        if step.started_at is None:
            changes["started_at"] = Now()
        if step.deadline_at is None:
            changes["deadline_at"] = Now() + timedelta(seconds=deadline_s)
        RunStep.objects.filter(pk=step.pk).update(**changes)
        step.refresh_from_db()
        self.enter(Event.STEP_START, {"attempt": step.attempts, "title": step.title}, step=step.key)
        self._say_step(step)

    def end_step(self, step: RunStep, state: StepState, message: str = "") -> None:
        """A step has ended, was skipped, or nobody can know how it ended."""
        ended_at = None if state is StepState.UNKNOWN else Now()
        RunStep.objects.filter(pk=step.pk).update(state=state, message=message, ended_at=ended_at)
        step.state, step.message = state, message
        event = Event.STEP_SKIP if state is StepState.SKIPPED else Event.STEP_END
        self.enter(event, {"state": state.value, "message": message}, step=step.key)
        self._say_step(step)

    def _say_step(self, step: RunStep) -> None:
        state = StepState(step.state)
        data = {"key": step.key, "position": step.position, "state": state.value, "message": step.message}
        self.say(RunEvent.Kind.STEP, data)


def release(claim: Claim, journal: Journal, reason: str) -> None:
    """Give a run back, so that another worker takes it up at once."""
    with journal.writing() as run:
        Run.objects.filter(pk=run.pk).update(owner="", lease_until=None)
        journal.enter(Event.RUN_PAUSE, {"state": run.state, "reason": reason})
