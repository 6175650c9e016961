"""Steps whose command is sent and awaited: reads, repeatable changes, files, prompts."""

from inventory.transport.connection import Connection
from inventory.transport.credentials import secret
from inventory.transport.errors import DeadlineExceeded, OutputTooLong, RemoteFailure
from liveupdate.engine import commands
from liveupdate.engine.contact import LOST, reference_of
from liveupdate.engine.judge import Judgement
from liveupdate.engine.signals import NeedsPerson
from liveupdate.engine.tape import Tape
from liveupdate.engine.workspace import Workspace
from liveupdate.models import RunCommand, RunStep
from liveupdate.procedures.step import Answer, HostRef, Prompt, Run, Step, StepKind, WriteFile

LOOK = "Look at the host, then attach again, restore, or close the run as failed."


def perform(ws: Workspace, step: Step, row: RunStep) -> Judgement:
    """Send the step's command and judge it; repeats it after lost contact unless it runs once only.

    Raises NeedsPerson, AbortAsked, HandedBack, LostClaim.
    """
    begun = row.started_at is not None and _take_up(ws, step, row)
    if isinstance(begun, Judgement):
        return begun
    patience = ws.patience(step, row)
    fresh = True
    while True:
        connection = ws.contact.ready(step.host)
        if connection is None:
            fresh = _begin(ws, step, row) if fresh else False
            connection = ws.contact.reach(step.host, patience)
            ws.contact.found()
        with ws.journal.writing():
            if fresh:
                ws.begin(step, row)
            command = commands.intend(ws.journal, row, step.action, ws.host(step))
        fresh = False
        tape = ws.tape(command)
        ws.journal.claim.check()
        try:
            status = _send(connection, step, ws.host(step), tape)
        except RemoteFailure as error:
            return ws.conclude(step, row, tape, error.status, error.message)
        except (DeadlineExceeded, OutputTooLong) as error:
            ws.abandon(tape, error.message)
            raise NeedsPerson(error.message, remedy=LOOK) from error
        except LOST as error:
            ws.abandon(tape, error.message)
            if step.kind is StepKind.ONCE:
                raise NeedsPerson(error.message, remedy=LOOK) from error
            ws.contact.lose(step.host, error)
            continue
        if status is None and not isinstance(step.action, WriteFile):
            ws.abandon(tape, "the host reported no exit status")
            raise NeedsPerson(f"{command.line} ended without an exit status.", remedy=LOOK)
        return ws.conclude(step, row, tape, status)


def _begin(ws: Workspace, step: Step, row: RunStep) -> bool:
    """Take the step up before its host answers, so that its page says what is waited for."""
    with ws.journal.writing():
        ws.begin(step, row)
    return False


def _take_up(ws: Workspace, step: Step, row: RunStep) -> Judgement | bool:
    """Settle what an earlier worker left: judge a command that ended, give up on one that did not."""
    last = row.commands.filter(watch=False).order_by("-number").first()
    if last is None:
        return True
    if last.state == RunCommand.State.ENDED:
        with ws.journal.writing():
            return ws.settle(step, row, last)
    if last.state != RunCommand.State.UNKNOWN:
        ws.abandon(ws.tape(last, resume=True), "its worker is gone")
    if step.kind is StepKind.ONCE:
        raise NeedsPerson(f"Nobody saw how {last.line} ended, and it may run only once.", remedy=LOOK)
    return True


def _send(connection: Connection, step: Step, host: HostRef, tape: Tape) -> int | None:
    match step.action:
        case Run(command):
            return connection.run(command, deadline_s=step.deadline_s, on_output=tape.feed).status
        case Answer(command, prompts):
            answers = [(prompt.pattern, _secret(prompt, host)) for prompt in prompts]
            return connection.answer(command, answers, deadline_s=step.deadline_s, on_output=tape.feed).status
        case WriteFile(path, content, mode):
            connection.write_file(path, content.encode(), mode)
            return 0


def _secret(prompt: Prompt, host: HostRef) -> str:
    return secret(reference_of(prompt.credential, host.name), host.name)
