"""Executes a claimed run: its plan's steps in order, on a failure what explains it, then restoration."""

import logging
from collections.abc import Iterator
from itertools import zip_longest
from typing import NoReturn

from inventory.transport.credentials import secret
from inventory.transport.errors import SecretMissing
from liveupdate.engine import approval, commands, direct, once, restart
from liveupdate.engine.claim import Claim, LostClaim, take
from liveupdate.engine.contact import Contact, reference_of
from liveupdate.engine.course import FORWARD, OVER, Course
from liveupdate.engine.diagnosing import diagnose_run
from liveupdate.engine.journal import Journal, hold, release
from liveupdate.engine.judge import Judgement
from liveupdate.engine.keeper import keeper
from liveupdate.engine.level import left_behind
from liveupdate.engine.signals import AbortAsked, CommandHeld, HandedBack, NeedsPerson
from liveupdate.engine.stopping import stopping
from liveupdate.engine.workspace import Workspace
from liveupdate.models import Plan as StoredPlan
from liveupdate.models import Run, RunCommand, RunEvent, RunStep
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import Answer, Branch, OnFailure, Plan, Step
from liveupdate.states import RunState, StepPart, StepState
from portal.audit.record import StaleEpoch
from portal.lib.errors import PortalError

log = logging.getLogger(__name__)
NOT_RUN = "Nothing is sent for it. Have an auditor verify the ledger, then close the run."
NOTHING_TAKEN_BACK = "Nothing is taken back before. Look at the LPAR, then continue or close the run."
DONE_AFTER_ALL = "Nobody heard how the Live Update ended, and the LPAR shows that it did its work."
CHECK_IT = "The checks after an update did not run: ask for them."
CONFIRM_LOOK_S = 1.0
"""How often a run that waits for the confirmation of an emergency looks for it."""


def execute(run_id: int, worker: str) -> None:
    """Claim a run and bring it to an end, to a person, or back to the queue when the worker stops.

    Returns at once when the run is another's. A run whose worker dies in here is claimed again after
    its lease and goes on where the record ends.
    """
    claim = take(run_id, worker)
    if claim is None:
        return
    with keeper.holding(claim):
        try:
            _go_on(claim)
        except (LostClaim, StaleEpoch) as error:
            log.warning("%s", error.message)


def _go_on(claim: Claim) -> None:
    run = Run.objects.select_related("plan", "request", "lpar__host").get(pk=claim.run_id)
    subject = {"request": run.request.number, "plan": run.plan.digest, "lpar": run.lpar.name}
    journal = Journal(claim, subject)
    if not _admitted(journal, run.plan):
        return
    try:
        plan = read_plan(run.plan.document)
        with Contact(journal, run) as contact:
            secrets = _secrets(plan)
            ws = Workspace(journal, plan, contact, secrets, run.uid)
            ws.restoring, ws.past_no_return = bool(run.ending), run.point_of_no_return_at is not None
            Execution(ws, run, checked=run.state == RunState.QUEUED).go()
    except CommandHeld as held:
        hold(journal, held)
    except HandedBack as error:
        release(claim, journal, error.message)
    except (LostClaim, StaleEpoch):
        raise
    except PortalError as error:
        _hand_to_person(journal, error)


def _admitted(journal: Journal, plan: StoredPlan) -> bool:
    """Start a queued run whose approvals and window hold, or refuse it; take up only what was started."""
    with journal.writing():
        run = journal.run()
        if run.state != RunState.QUEUED:
            if reason := approval.groundless(run, plan):
                journal.move(run, RunState.NEEDS_PERSON, reason=f"{reason} {NOT_RUN}")
            return not reason
        if reason := approval.refusal(run):
            journal.move(run, RunState.REFUSED, outcome=reason)
            return False
        journal.move(run, RunState.RUNNING)
    return True


def _hand_to_person(journal: Journal, error: PortalError) -> None:
    with journal.writing():
        run = journal.run()
        for step in run.steps.filter(state=StepState.RUNNING):
            journal.end_step(step, StepState.UNKNOWN, error.message)
        diagnose_run(journal, run)
        journal.move(run, RunState.NEEDS_PERSON, reason=f"{error.message} {error.remedy}".strip())


def _secrets(plan: Plan) -> tuple[str, ...]:
    """Every secret that the plan types, so that no output shows one. Raises NeedsPerson."""
    names = {
        (prompt.credential, plan.hosts[step.host].name)
        for step in plan.all_steps
        if isinstance(step.action, Answer)
        for prompt in step.action.prompts
        if prompt.credential
    }
    try:
        return tuple(secret(reference_of(name, host), host) for name, host in sorted(names))
    except SecretMissing as error:
        raise NeedsPerson(error.message, remedy=error.remedy) from error


class Execution:
    """Walks a plan from where the record of the run stands.

    `checked`: the approvals were looked at with this claim already.
    """

    def __init__(self, ws: Workspace, run: Run, *, checked: bool) -> None:
        self.ws = ws
        self.journal = ws.journal
        self.rows = {row.key: row for row in RunStep.objects.filter(run=run)}
        self.course = Course(ws.plan, self.rows)
        self.checked = checked

    def go(self) -> None:
        """To the final state. Raises NeedsPerson, HandedBack, LostClaim."""
        if not self.ws.restoring:
            try:
                self._steps()
                self._turn_to(RunState.SUCCEEDED, "")
            except AbortAsked as asked:
                self._turn_to(RunState.ABORTED, asked.message)
            except _Failed as failed:
                self._turn_to(RunState.FAILED, failed.message)
        for step in self.course.begun():
            if step.launched:
                once.ensure_over(self.ws, step, self.rows[step.id])
        self._explain()
        self._all_of(self.ws.plan.restoration)
        self._finish()

    def _steps(self) -> None:
        for step, following in _with_next(self.course.forward()):
            row = self.rows[step.id]
            if row.state in (StepState.SUCCEEDED, StepState.SKIPPED):
                continue
            if branch := self.course.chosen_after(step.id):
                self._take(branch, step, row)
                continue
            if row.state != StepState.FAILED:
                if step.id not in self.ws.intended:
                    self._between_steps(begun=row.started_at is not None)
                    self._still_approved(step)
                judgement = self._perform(step, row, following)
            else:
                judgement = Judgement(False, row.message)
            if not judgement.met and step.on_failure is not OnFailure.CONTINUE:
                self._fail(step, judgement)

    def _fail(self, step: Step, judgement: Judgement) -> NoReturn:
        """Put the prepared ways out before a person, where there are any; else the run only takes back."""
        failure = f"{step.title}: {judgement.message}"
        branches = self.ws.plan.branches_after(step.id)
        if not branches:
            raise _Failed(failure)
        self._explain()
        titles = ", or ".join(f"“{branch.title}”" for branch in branches)
        raise NeedsPerson(f"{failure} The plan has prepared what may take its place: {titles}.")

    def _take(self, branch: Branch, step: Step, row: RunStep) -> None:
        """Go into a branch only for a person's decision in the ledger, and not beside what still runs."""
        if not approval.chosen(self.journal.run_id, branch):
            raise NeedsPerson(f"The ledger knows of no decision for “{branch.title}”. {NOT_RUN}")
        if step.launched:
            once.ensure_over(self.ws, step, row)

    def _perform(self, step: Step, row: RunStep, following: Step | None) -> Judgement:
        if step.restarts:
            return restart.perform(self.ws, step, row)
        if step.launched:
            return once.perform(self.ws, step, row)

        def go_on(judgement: Judgement) -> None:
            """Take the next step up in the transaction that ends this one, if it can go out at once."""
            goes_on = judgement.met or step.on_failure is OnFailure.CONTINUE
            if goes_on and following and not following.launched and not self.course.is_void(following):
                direct.intend_ahead(self.ws, following, self.rows[following.id])

        return direct.perform(self.ws, step, row, go_on)

    def _between_steps(self, *, begun: bool = False) -> None:
        """Go on only while the claim holds; a step that was begun decides itself whether it can abort."""
        self.journal.claim.check()
        if stopping.is_set():
            raise HandedBack("This worker is stopping.")
        if not begun:
            self.ws.heed_abort()

    def _still_approved(self, step: Step) -> None:
        """Before anything that cannot be taken back, and once with each claim, ask for the approvals."""
        lasting = not step.reversible or step.live_update
        if self.rows[step.id].started_at is not None or (self.checked and not lasting):
            return
        with self.journal.writing():
            reason = approval.withdrawn(self.journal.run())
        if reason:
            raise AbortAsked(reason)
        self.checked = True
        if lasting:
            self._confirmed()

    def _confirmed(self) -> None:
        """Let an emergency wait here until somebody confirms it; when its time is over it stops."""
        told = False
        while True:
            with self.journal.writing():
                missing, over = approval.unconfirmed(self.journal.run())
                if missing and not told:
                    self.journal.say(RunEvent.Kind.NOTE, {"text": f"{missing} The run waits for it."})
                    told = True
            if not missing:
                return
            if over:
                raise AbortAsked(f"{missing} Its time is over: the run stops before what cannot be undone.")
            stopping.wait(CONFIRM_LOOK_S)
            self._between_steps()

    def _turn_to(self, ending: RunState, outcome: str) -> None:
        """From here on the run only takes back what it changed, and will end in `ending`."""
        with self.journal.writing():
            run = self.journal.run()
            for row in self.rows.values():
                if row.part not in FORWARD:
                    continue
                if row.state == StepState.PENDING:
                    self.journal.end_step(row, StepState.SKIPPED, self.course.why_skipped(row))
                elif row.state == StepState.RUNNING:
                    self.journal.end_step(row, StepState.UNKNOWN, outcome)
            Run.objects.filter(pk=run.pk).update(ending=ending)
            run.ending = ending
            if ending is RunState.FAILED:
                diagnose_run(self.journal, run)
            self.journal.move(run, RunState.RESTORING, outcome=outcome)
        self.ws.restoring = True

    def _explain(self) -> None:
        """Collect what explains a failure; what comes of it changes nothing of how the run ends."""
        if self.course.has_failure_to_explain():
            self._all_of(self.ws.plan.failure)
        elif self.ws.restoring:
            for step in self.ws.plan.failure:
                self._skip(step, "No Live Update failed.")

    def _all_of(self, steps: tuple[Step, ...]) -> None:
        """Perform every step, whatever comes of those before it.

        One of the restoration that must succeed (`OnFailure.RESTORE`) is put before a person otherwise.
        """
        for step, following in _with_next(steps):
            row = self.rows[step.id]
            if row.state in OVER:
                continue
            if step.id not in self.ws.intended:
                self._between_steps(begun=row.started_at is not None)
            if self.course.is_void(step):
                self._skip(step, "What it takes back was never begun.")
                continue
            judgement = self._perform(step, row, following)
            if not judgement.met and step.undoes and step.on_failure is OnFailure.RESTORE:
                raise NeedsPerson(f"{step.title}: {judgement.message}", remedy=NOTHING_TAKEN_BACK)

    def _skip(self, step: Step, why: str) -> None:
        row = self.rows[step.id]
        if row.state == StepState.PENDING:
            with self.journal.writing():
                self.journal.end_step(row, StepState.SKIPPED, why)

    def _finish(self) -> None:
        with self.journal.writing():
            run = self.journal.run()
            failed = list(RunStep.objects.filter(run=run, state=StepState.FAILED))
            ending = RunState(run.ending)
            if ending is RunState.SUCCEEDED:
                self._succeed(run, failed)
            elif ending is RunState.FAILED and self._is_done_after_all(run, failed):
                outcome = f"{run.outcome} {DONE_AFTER_ALL} {left_behind(run)} {CHECK_IT}"
                self.journal.move(run, RunState.SUCCEEDED_WITH_RESIDUE, outcome=outcome)
            else:
                if ending is RunState.FAILED:
                    diagnose_run(self.journal, run)
                left = [_told(row) for row in failed if row.part == StepPart.RESTORATION]
                parts = [run.outcome, left_behind(run), *(f"Not restored: {text}" for text in left)]
                outcome = " ".join(part for part in parts if part)
                self.journal.move(run, ending, outcome=outcome)

    def _is_done_after_all(self, run: Run, failed: list[RunStep]) -> bool:
        """Whether nobody heard how the Live Update ended, nothing else failed, and the LPAR shows it done.

        What was not seen to fail is not rounded to a failure when the LPAR proves the contrary: its disk is
        at the target level and another kernel runs.
        """
        unheard = [row for row in failed if self._was_never_heard(row)]
        target = self.ws.plan.parameters.get("target_level", "")
        return (
            len(failed) == len(unheard) == 1
            and run.level_after == target != run.level_before
            and "" not in (run.kernel_before, run.kernel_after)
            and run.kernel_after != run.kernel_before
        )

    def _was_never_heard(self, row: RunStep) -> bool:
        """Whether a step is a Live Update that goes on without its command, which left no exit status.

        On the LPAR itself a lost command means that the LPAR restarted: that brings the new kernel too,
        and is no Live Update.
        """
        step = next(each for each in self.ws.plan.all_steps if each.id == row.key)
        last = commands.sent_for(row).last()
        unheard = last is not None and last.state == RunCommand.State.UNKNOWN
        return step.live_update and step.works_elsewhere and unheard

    def _succeed(self, run: Run, failed: list[RunStep]) -> None:
        """Say what was reached; a step whose place a branch took, or that only explains, leaves nothing."""
        parts = [_reached(run)]
        for row in failed:
            if branch := self.course.chosen_after(row.key):
                parts.append(f"{row.title} failed; “{branch.title}” took its place.")
        left = [_told(row) for row in failed if not row.chosen and row.part != StepPart.FAILURE]
        if run.blackout_ms is not None:
            parts.append(f"Blackout {run.blackout_ms / 1000:.1f} s.")
        parts.extend(f"Left over: {line}" for line in left)
        state = RunState.SUCCEEDED_WITH_RESIDUE if left else RunState.SUCCEEDED
        self.journal.move(run, state, outcome=" ".join(parts))


def _reached(run: Run) -> str:
    if not run.level_after:
        return "Done."
    if run.level_after == run.level_before:
        return f"Done; the level is {run.level_after} as before."
    return f"Updated from {run.level_before} to {run.level_after}."


def _told(row: RunStep) -> str:
    return f"{row.title}: {row.message}"


def _with_next(steps: tuple[Step, ...]) -> Iterator[tuple[Step, Step | None]]:
    return zip_longest(steps, steps[1:])


class _Failed(Exception):
    """A step's expectation is not met, and its plan says to restore."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
