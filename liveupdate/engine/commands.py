"""Commands in the record: the intent before anything is sent, and the end as it was seen."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from liveupdate.engine.journal import Journal
from liveupdate.engine.judge import Outcome
from liveupdate.engine.signals import CommandHeld
from liveupdate.engine.stored_output import stored_output
from liveupdate.engine.tape import Tape, Written
from liveupdate.models import RunCommand, RunEvent, RunStep
from liveupdate.procedures.step import Action, Answer, Fetch, HostRef, Run, WriteFile
from portal import statements
from portal.audit.events import Event
from portal.audit.hold import hold_problems
from portal.audit.spool.place import SpoolFailed, spool_problems
from portal.lib.canonical import digest
from portal.lib.clock import now
from portal.lib.errors import PortalError
from portal.statements import NOW


def line_of(action: Action) -> str:
    """What a person reads of an action."""
    match action:
        case Run(command) | Answer(command, _):
            return command.display()
        case WriteFile(path, content, mode):
            held = content.encode()
            return f"write {path} (mode {mode}, {len(held)} bytes, {digest(held)})"
        case Fetch(path, name):
            return f"fetch {path} as {name}"


def _intent_of(action: Action) -> dict[str, Any]:
    match action:
        case Run(command):
            return {"do": "run", "argv": list(command.argv), "wire": command.wire()}
        case Answer(command, prompts):
            asked = [prompt.document() for prompt in prompts]
            return {"do": "answer", "argv": list(command.argv), "wire": command.wire(), "prompts": asked}
        case WriteFile(path, content, mode):
            held = content.encode()
            return {
                "do": "write_file",
                "path": path,
                "mode": mode,
                "bytes": len(held),
                "digest": digest(held),
            }
        case Fetch(path, name):
            return {"do": "fetch", "path": path, "name": name, "wire": action.command.wire()}


def intend(
    journal: Journal,
    step: RunStep,
    action: Action,
    host: HostRef,
    *,
    launch_key: str = "",
    watch: bool = False,
) -> RunCommand:
    """Record that a command is about to be sent, in the caller's transaction.

    Only after its commit, and when `clear_to_send` lets it, may the command go out. Raises CommandHeld
    while the disks that its record needs do not take it.
    """
    for problem in (*hold_problems(), *spool_problems()):
        raise held_by(problem)
    command = RunCommand(
        run_id=journal.run_id,
        step=step,
        number=journal.next_command(),
        host=host.name,
        account=host.account,
        line=line_of(action),
        launch_key=launch_key,
        watch=watch,
        file_name=action.name if isinstance(action, Fetch) else "",
        file_path=action.path if isinstance(action, Fetch) else "",
        epoch=journal.claim.epoch,
        intended_at=now(),
    )
    statements.insert_one(command)
    data = {
        "command": command.number,
        "host": {k: v for k, v in host.document().items() if k != "credential"},
        "launch_key": launch_key,
        "watch": watch,
        **_intent_of(action),
    }
    journal.enter(Event.CMD_INTENT, data, step=step.key)
    _say(journal, command)
    return command


def clear_to_send(journal: Journal, command: RunCommand) -> None:
    """Let a command go out: its intent is committed, copied to the spool's disk, and the claim holds.

    Right before it is sent. Raises LostClaim, and CommandHeld when the copy fails: then nothing may be sent.
    """
    try:
        journal.copy_intent(command.number)
    except SpoolFailed as failed:
        if command.epoch == journal.claim.epoch:
            _withhold(journal, command, failed)
        raise held_by(failed) from failed
    journal.claim.check()


def held_by(problem: PortalError) -> CommandHeld:
    """What keeps a command from being sent, for the run to wait for."""
    return CommandHeld(problem.message, remedy=problem.remedy, code=problem.code)


def _withhold(journal: Journal, command: RunCommand, failed: SpoolFailed) -> None:
    """The command was intended and never sent: that is known, and it may be intended again."""
    command.state = RunCommand.State.UNSENT
    with journal.writing():
        RunCommand.objects.filter(pk=command.pk).update(state=command.state)
        data = {"command": command.number, "reason": failed.message, "code": failed.code}
        journal.enter(Event.CMD_UNSENT, data, step=command.step.key)
        _say(journal, command)


def sent_for(step: RunStep) -> QuerySet[RunCommand]:
    """The step's own commands in their order, but those that never went out."""
    own = step.commands.filter(watch=False).exclude(state=RunCommand.State.UNSENT)
    return own.order_by("number")


def started(journal: Journal, command: RunCommand) -> None:
    """The target has confirmed that the command runs there."""
    command.state = RunCommand.State.STARTED
    RunCommand.objects.filter(pk=command.pk).update(state=command.state, started_at=Now())
    journal.enter(Event.CMD_START, {"command": command.number}, step=command.step.key)
    _say(journal, command)


def ended(journal: Journal, tape: Tape, status: int | None) -> Written:
    """The command has ended with this status; writes the rest of its output and both digests.

    The caller holds `tape.writing` and a transaction, and confirms the tape after its commit.
    """
    command = tape.command
    batch = tape.write_end()
    totals = tape.totals(batch)
    command.state, command.status = RunCommand.State.ENDED, status
    changes = {
        "state": command.state,
        "status": status,
        "ended_at": NOW,
        "stdout_digest": totals["stdout"]["digest"],
        "stderr_digest": totals["stderr"]["digest"],
        **batch.fields,
    }
    statements.update(RunCommand, command.pk, changes)
    data = {"command": command.number, "status": status, **totals}
    journal.enter(Event.CMD_END, data, step=command.step.key)
    _say(journal, command)
    return batch


def unknown(journal: Journal, tape: Tape, reason: str) -> Written:
    """Nobody can know how this invocation ended; writes the rest of its output, like `ended`."""
    command = tape.command
    batch = tape.write_end()
    command.state = RunCommand.State.UNKNOWN
    RunCommand.objects.filter(pk=command.pk).update(state=command.state, **batch.fields)
    journal.enter(Event.CMD_UNKNOWN, {"command": command.number, "reason": reason}, step=command.step.key)
    _say(journal, command)
    return batch


def outcome_of(command: RunCommand) -> Outcome:
    """What the record holds of a command that ended."""
    return Outcome(command.status, stored_output(command, "stdout"), stored_output(command, "stderr"))


def _say(journal: Journal, command: RunCommand) -> None:
    journal.say(
        RunEvent.Kind.COMMAND,
        {
            "number": command.number,
            "step": command.step.key,
            "host": command.host,
            "account": command.account,
            "line": command.line,
            "state": RunCommand.State(command.state).value,
            "status": command.status,
            "watch": command.watch,
        },
    )
