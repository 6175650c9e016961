"""The run's record: every change of state as a row, an event for the page, and a ledger entry."""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max

from liveupdate.engine.claim import Claim, fenced
from liveupdate.engine.room import say_why_it_waits
from liveupdate.engine.signals import CommandHeld
from liveupdate.models import Run, RunCommand, RunEvent, RunStep
from liveupdate.pages.run_feed import feed_name
from liveupdate.states import RUN_TERMINAL, RunState, StepState
from liveupdate.transitions import enter_state, result_of
from portal import statements
from portal.audit.events import Event
from portal.audit.queries import intent_of
from portal.audit.record import Occurrence, record_all
from portal.audit.spool.copies import entry_spool
from portal.audit.spool.place import SpoolFailed
from portal.lib.clock import now
from portal.statements import NOW
from portal.web import bell

log = logging.getLogger(__name__)
STATE_EVENTS = {
    RunState.CONTACT_LOST: Event.RUN_PAUSE,
    RunState.NEEDS_PERSON: Event.RUN_STUCK,
    **dict.fromkeys(RUN_TERMINAL, Event.RUN_END),
}


@dataclass(slots=True)
class _Page:
    """What one transaction adds to the record, written at its end in few statements."""

    entries: list[Occurrence] = field(default_factory=list)
    events: list[tuple[int, RunEvent.Kind, dict[str, Any], datetime]] = field(default_factory=list)


class _Open(threading.local):
    """What a thread is writing; the copies of what it has written, and those of intents by command."""

    def __init__(self) -> None:
        self.page: _Page | None = None
        self.copies: list[bytes] = []
        self.intents: dict[int, bytes] = {}


class Journal:
    """Writes for one run under one claim. `writing` opens the transaction that all else needs."""

    def __init__(self, claim: Claim, subject: Mapping[str, str | int]) -> None:
        self.claim = claim
        self.run_id = claim.run_id
        self._subject = dict(subject)
        self._open = _Open()
        self._commands: int | None = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that holds the run's row. Raises LostClaim when it is another's."""
        self.forget_copies()
        with fenced(self.claim), self.page():
            yield
        self.committed()
        bell.ring(feed_name(self.run_id))

    def forget_copies(self) -> None:
        """What this thread entered and did not commit is not copied."""
        self._open.copies = []

    def committed(self) -> None:
        """Copy what a transaction entered to the spool, intents apart: theirs is made before the sending.

        Nothing waits for the disk, and nothing fails for it: the next intent does.
        """
        contents, self._open.copies = self._open.copies, []
        try:
            entry_spool().keep(contents, durably=False)
        except SpoolFailed as failed:
            log.warning("%s", failed.message)

    @contextmanager
    def page(self) -> Iterator[None]:
        """Gather what is entered and said in the block, and write it at the block's end.

        For a caller that holds the run's row in a transaction of its own. Raises StaleEpoch.
        """
        self._open.page = _Page()
        try:
            yield
            self._write()
        finally:
            self._open.page = None

    def run(self) -> Run:
        """The run as it stands, inside `writing`."""
        return Run.objects.get(pk=self.run_id)

    def enter(self, event: Event, data: Mapping[str, Any], *, step: str = "", **more: str | int) -> None:
        """Enter an event of this run into the ledger."""
        subject = {**self._subject, **({"step": step} if step else {}), **more}
        self._page.entries.append(Occurrence(event, subject, data))

    def say(self, kind: RunEvent.Kind, data: Mapping[str, Any]) -> None:
        """Tell the run's page."""
        self._page.events.append((self.run_id, kind, dict(data), now()))

    @property
    def _page(self) -> _Page:
        page = self._open.page
        assert page is not None, "nothing is written outside a transaction of the claim"
        return page

    def _write(self) -> None:
        page = self._page
        with statements.together():
            statements.insert(RunEvent, ("run", "kind", "data", "at"), page.events)
            written = record_all(page.entries, self.claim.actor, run=self.run_id, epoch=self.claim.epoch)
        self._open.page = _Page()
        for occurrence, content in zip(page.entries, written, strict=True):
            if occurrence.event is Event.CMD_INTENT:
                self._open.intents[occurrence.data["command"]] = content
            else:
                self._open.copies.append(content)

    def copy_intent(self, number: int) -> None:
        """Bring the intent of a command onto the spool's disk, after its commit. Raises SpoolFailed."""
        content = self._open.intents.pop(number, None) or intent_of(self.run_id, number)
        entry_spool().keep([content], durably=True)

    def next_command(self) -> int:
        """The number of the run's next command, inside `writing`."""
        if self._commands is None:
            last = RunCommand.objects.filter(run_id=self.run_id).aggregate(last=Max("number"))["last"]
            self._commands = last or 0
        self._commands += 1
        return self._commands

    def move(self, run: Run, state: RunState, *, reason: str = "", outcome: str = "") -> None:
        """Bring the run into another state; a final one and a person's turn give the claim back."""
        self._write()
        enter_state(run, state, reason=reason, outcome=outcome)
        ended = result_of(run) if state in RUN_TERMINAL else {}
        data = {"state": state.value, "reason": reason, "outcome": run.outcome, **ended}
        self.enter(STATE_EVENTS.get(state, Event.RUN_START), data)

    def begin_step(self, step: RunStep, deadline_s: int) -> None:
        """A step begins, or is taken up again; its time limit counts from the first time."""
        step.state, step.message, step.attempts = StepState.RUNNING, "", step.attempts + 1
        changes: dict[str, Any] = {"state": step.state, "message": "", "attempts": step.attempts}
        if step.started_at is None:
            step.started_at, changes["started_at"] = now(), NOW
        if step.deadline_at is None:
            step.deadline_at = changes["deadline_at"] = now() + timedelta(seconds=deadline_s)
        statements.update(RunStep, step.pk, changes)
        self.enter(Event.STEP_START, {"attempt": step.attempts, "title": step.title}, step=step.key)
        self._say_step(step)

    def end_step(self, step: RunStep, state: StepState, message: str = "") -> None:
        """A step has ended, was skipped, or nobody can know how it ended."""
        ended_at = None if state is StepState.UNKNOWN else NOW
        statements.update(RunStep, step.pk, {"state": state, "message": message, "ended_at": ended_at})
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
    with journal.writing():
        run = journal.run()
        Run.objects.filter(pk=run.pk).update(owner="", lease_until=None)
        journal.enter(Event.RUN_PAUSE, {"state": run.state, "reason": reason})


def hold(journal: Journal, held: CommandHeld) -> None:
    """Give a run back that goes on as soon as its commands can be recorded again; its page says why."""
    with journal.writing():
        run = journal.run()
        say_why_it_waits(run, f"{held.message} {held.remedy}".strip())
        Run.objects.filter(pk=run.pk).update(owner="", lease_until=None)
        journal.enter(Event.RUN_PAUSE, {"state": run.state, "reason": held.message, "code": held.code})
