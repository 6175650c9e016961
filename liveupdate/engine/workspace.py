"""What every step of a run works with: the journal, the plan, the connections, the secrets."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import DatabaseError
from django.utils import timezone

from liveupdate.engine import clone_record, commands, level
from liveupdate.engine.contact import Contact, Patience
from liveupdate.engine.journal import Journal
from liveupdate.engine.judge import Judgement, Outcome, judge
from liveupdate.engine.live_log import LiveLog
from liveupdate.engine.overflow import End
from liveupdate.engine.reading import Pieces
from liveupdate.engine.signals import AbortAsked, NeedsPerson
from liveupdate.engine.stored_output import stored_output
from liveupdate.engine.tape import Tape
from liveupdate.models import Run, RunCommand, RunStep
from liveupdate.procedures import step as words
from liveupdate.states import StepState
from portal import statements
from portal.audit.chunks import store_chunks

MOST_ATTEMPTS = 20
"""Workers that may take up one step before a person is asked why none of them ends it."""
Then = Callable[[Judgement], None]
"""What a step's end is written together with."""


@dataclass(slots=True)
class Workspace:
    """One execution's means.

    `intended` holds the command of a step that was taken up together with the end of the step before
    and is to be sent next. `restoring` is set once the run only takes back what it changed,
    `past_no_return` once Live Update said that it can no longer be interrupted.
    """

    journal: Journal
    plan: words.Plan
    contact: Contact
    secrets: tuple[str, ...]
    uid: str
    intended: dict[str, RunCommand] = field(default_factory=dict)
    restoring: bool = False
    past_no_return: bool = False

    def host(self, step: words.Step) -> words.HostRef:
        """The host that a step runs on, as the account that the step is done as."""
        return self.plan.hosts[step.host].reached_as(step.account)

    def patience(self, step: words.Step, row: RunStep) -> Patience:
        """How long the step may still take; an abort ends the wait unless the run restores already."""
        left = float(step.deadline_s + step.patience_s)
        if row.deadline_at is not None:
            left = (row.deadline_at - timezone.now()).total_seconds()
        return Patience(self.journal.claim, left, self.heed_abort)

    @property
    def may_abort(self) -> bool:
        """Whether a person asked to abort in time."""
        return self.journal.claim.abort_asked.is_set() and not self.restoring and not self.past_no_return

    def heed_abort(self) -> None:
        """Raise AbortAsked if a person asked and the run may still be stopped."""
        if self.may_abort:
            raise AbortAsked("A person asked to abort.")

    def begin(self, step: words.Step, row: RunStep) -> None:
        """Take up a step, in the caller's transaction. Raises NeedsPerson after too many attempts."""
        if row.attempts >= MOST_ATTEMPTS:
            raise NeedsPerson(
                f"The step was taken up {row.attempts} times and never ended.",
                remedy="Look at the worker's log, then attach again, restore, or close the run as failed.",
            )
        self.journal.begin_step(row, step.deadline_s + step.patience_s)

    def tape(self, command: RunCommand, log: LiveLog | None = None, *, resume: bool = False) -> Tape:
        """The way of a command's output into the record; `resume` joins what is stored already."""
        return Tape(self.journal.claim, self.journal, command, self.secrets, log, resume=resume)

    def conclude(
        self,
        step: words.Step,
        row: RunStep,
        tape: Tape,
        status: int | None,
        *,
        problem: str = "",
        then: Then | None = None,
    ) -> Judgement:
        """Judge a command that has ended; record its end and that of its step in one transaction.

        `then` is called in that transaction, with the judgement. A long output is written, and judged
        from the record, before the transaction begins.
        """
        with tape.writing:
            tape.close()
            try:
                while tape.backlog:
                    self._write(tape)
                if tape.long:
                    self._write(tape)
                outcome = Outcome(status, tape.output("stdout"), tape.output("stderr"))
                judgement = self._judge(step, outcome, problem)
                with self.journal.writing(), statements.together():
                    batch = commands.ended(self.journal, tape, status)
                    self._end(step, row, outcome, judgement)
                    if then:
                        then(judgement)
            except DatabaseError:
                tape.keep_end(End(status, problem))
                raise
            tape.written(batch)
        return judgement

    def not_yet(self, step: words.Step, row: RunStep, tape: Tape, status: int | None) -> bool:
        """Whether a look that ended shows too little and has time left; its command's end is recorded."""
        if not _has_patience(step, row):
            return False
        with tape.writing:
            tape.close()
            outcome = Outcome(status, tape.output("stdout"), tape.output("stderr"))
            if tape.long or tape.backlog or self._judge(step, outcome).met:
                return False
            with self.journal.writing():
                batch = commands.ended(self.journal, tape, status)
            tape.written(batch)
        return True

    def to_repeat(self, step: words.Step, row: RunStep, command: RunCommand) -> bool:
        """Whether an earlier worker's look shows too little and has time left."""
        return _has_patience(step, row) and not self._judge(step, commands.outcome_of(command)).met

    def settle(self, step: words.Step, row: RunStep, command: RunCommand) -> Judgement:
        """End a step by what the record holds of its command, which has ended."""
        outcome = commands.outcome_of(command)
        judgement = self._judge(step, outcome)
        with self.journal.writing():
            self._end(step, row, outcome, judgement)
        return judgement

    def _judge(self, step: words.Step, outcome: Outcome, problem: str = "") -> Judgement:
        return Judgement(False, problem) if problem else judge(step.expect, outcome, self._saved(step))

    def _end(self, step: words.Step, row: RunStep, outcome: Outcome, judgement: Judgement) -> None:
        state = StepState.SUCCEEDED if judgement.met else StepState.FAILED
        self.journal.end_step(row, state, judgement.message)
        if judgement.met:
            clone_record.note(self.journal, self.plan, step)
        if fields := level.told(step, outcome):
            statements.update(Run, self.journal.run_id, fields)

    def _write(self, tape: Tape) -> None:
        with self.journal.writing():
            batch = tape.write()
            store_chunks(batch.chunks)
        tape.written(batch)

    def abandon(self, tape: Tape, reason: str) -> None:
        """A command's end will never be known: record that, and the output that came."""
        with tape.writing:
            tape.close()
            try:
                while tape.backlog:
                    self._write(tape)
                with self.journal.writing():
                    batch = commands.unknown(self.journal, tape, reason)
            except DatabaseError:
                tape.keep_gaps()
                raise
            tape.written(batch)

    def _saved(self, step: words.Step) -> Pieces | None:
        if not step.expect.equals_saved:
            return None
        command = (
            RunCommand.objects.filter(
                run_id=self.journal.run_id,
                step__key=step.expect.equals_saved,
                state=RunCommand.State.ENDED,
                watch=False,
            )
            .order_by("-number")
            .first()
        )
        return stored_output(command, "stdout") if command else None


def _has_patience(step: words.Step, row: RunStep) -> bool:
    if not step.patience_s or row.started_at is None:
        return False
    return (timezone.now() - row.started_at).total_seconds() < step.patience_s
