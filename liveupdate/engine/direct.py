"""Steps whose command is sent and awaited: reads, repeatable changes, files, prompts."""

from inventory.transport.connection import Connection
from inventory.transport.credentials import secret
from inventory.transport.errors import DeadlineExceeded, OutputTooLong, RemoteFailure
from liveupdate.engine import commands
from liveupdate.engine.contact import BACKOFF_S, LOST, Patience, reference_of
from liveupdate.engine.flusher import flusher
from liveupdate.engine.judge import Judgement
from liveupdate.engine.reading import last_line
from liveupdate.engine.signals import NeedsPerson
from liveupdate.engine.stopping import stopping
from liveupdate.engine.tape import Tape
from liveupdate.engine.workspace import Then, Workspace
from liveupdate.models import RunCommand, RunStep
from liveupdate.procedures.step import Answer, Fetch, HostRef, Prompt, Run, Step, StepKind, WriteFile
from liveupdate.states import StepState

LOOK = "Look at the host, then attach again, restore, or close the run as failed."


def perform(ws: Workspace, step: Step, row: RunStep, then: Then) -> Judgement:
    """Send the step's command and judge it; repeats it after lost contact unless it runs once only, and
    a look with patience until it is met.

    `then` is called in the transaction that ends the step. Raises NeedsPerson, AbortAsked, HandedBack,
    LostClaim.
    """
    command = ws.intended.pop(step.id, None)
    if command is None and row.started_at is not None and (left := _take_up(ws, step, row)):
        return left
    patience = ws.patience(step, row)
    begun = command is not None
    looks = 0
    while True:
        command = command or _intend(ws, step, row, patience, begun=begun)
        begun = True
        connection = ws.contact.reach(ws.host(step), patience)
        tape = ws.tape(command)
        commands.clear_to_send(ws.journal, command)
        try:
            with flusher.carrying(tape):
                status = _send(connection, step, ws.host(step), tape)
        except RemoteFailure as error:
            return ws.conclude(step, row, tape, error.status, problem=error.message, then=then)
        except (DeadlineExceeded, OutputTooLong) as error:
            if isinstance(step.action, Fetch):
                return _not_fetched(ws, step, row, tape, error.message)
            ws.abandon(tape, error.message)
            raise NeedsPerson(error.message, remedy=LOOK) from error
        except LOST as error:
            ws.abandon(tape, error.message)
            if step.kind is StepKind.ONCE:
                raise NeedsPerson(error.message, remedy=LOOK) from error
            ws.contact.lose(ws.host(step), error)
            command = None
            continue
        if status is None and not isinstance(step.action, WriteFile):
            ws.abandon(tape, "the host reported no exit status")
            raise NeedsPerson(f"{command.line} ended without an exit status.", remedy=LOOK)
        if ws.not_yet(step, row, tape, status):
            patience.sleep(BACKOFF_S[min(looks, len(BACKOFF_S) - 1)])
            command, looks = None, looks + 1
            continue
        return ws.conclude(step, row, tape, status, problem=_missing(step, tape, status), then=then)


def _missing(step: Step, tape: Tape, status: int | None) -> str:
    """Why a file did not come home that had to, as its host says it."""
    file = step.action
    if not isinstance(file, Fetch) or status in step.expect.statuses:
        return ""
    said = last_line(tape.output("stderr")) or "nothing says why"
    return f"{file.path} could not be read on {tape.command.host}: {said}"


def _not_fetched(ws: Workspace, step: Step, row: RunStep, tape: Tape, why: str) -> Judgement:
    """A file that is too long, or comes too slowly, stays where it is: reading it has changed nothing."""
    ws.abandon(tape, why)
    ws.contact.drop(ws.host(step))
    with ws.journal.writing():
        ws.journal.end_step(row, StepState.FAILED, why)
    return Judgement(False, why)


def intend_ahead(ws: Workspace, step: Step, row: RunStep) -> None:
    """Take up a step whose command can be sent at once, in the transaction that ends the one before."""
    fresh = row.state == StepState.PENDING and step.reversible
    if fresh and not ws.may_abort and not stopping.is_set() and ws.contact.ready(ws.host(step)):
        ws.begin(step, row)
        ws.intended[step.id] = commands.intend(ws.journal, row, step.action, ws.host(step))


def _intend(ws: Workspace, step: Step, row: RunStep, patience: Patience, *, begun: bool) -> RunCommand:
    """Record what is sent next; the step is begun while its host does not answer, for its page to say so."""
    if not ws.contact.ready(ws.host(step)):
        if not begun:
            with ws.journal.writing():
                ws.begin(step, row)
        begun = True
        ws.contact.reach(ws.host(step), patience)
        ws.contact.found()
    with ws.journal.writing():
        if not begun:
            ws.begin(step, row)
        return commands.intend(ws.journal, row, step.action, ws.host(step))


def _take_up(ws: Workspace, step: Step, row: RunStep) -> Judgement | None:
    """Settle what an earlier worker left: judge a command that ended, give up on one that did not."""
    last = commands.sent_for(row).last()
    if last is None:
        return None
    if last.state == RunCommand.State.ENDED:
        return None if ws.to_repeat(step, row, last) else ws.settle(step, row, last)
    if last.state != RunCommand.State.UNKNOWN:
        tape = ws.tape(last, resume=True)
        if tape.end is not None:
            return ws.conclude(step, row, tape, tape.end.status, problem=tape.end.problem)
        ws.abandon(tape, "its worker is gone")
    if step.kind is StepKind.ONCE:
        raise NeedsPerson(f"Nobody saw how {last.line} ended, and it may run only once.", remedy=LOOK)
    return None


def _send(connection: Connection, step: Step, host: HostRef, tape: Tape) -> int | None:
    match step.action:
        case Run(command):
            return connection.run(command, deadline_s=step.deadline_s, on_output=tape.feed).status
        case Answer(command, prompts):
            answers = [(prompt.pattern, _typed(prompt, host)) for prompt in prompts]
            return connection.answer(command, answers, deadline_s=step.deadline_s, on_output=tape.feed).status
        case WriteFile(path, content, mode):
            connection.write_file(path, content.encode(), mode)
            return 0
        case Fetch() as fetch:
            return connection.run(fetch.command, deadline_s=step.deadline_s, on_output=tape.feed).status


def _typed(prompt: Prompt, host: HostRef) -> str:
    if not prompt.credential:
        return prompt.text
    return secret(reference_of(prompt.credential, host.name), host.name)
