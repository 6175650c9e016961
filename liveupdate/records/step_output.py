"""What a step of a run printed, read again from the tables."""

from inventory.facts.base import Output
from liveupdate.models import Run, RunCommand


def output_of(run: Run, step: str) -> Output | None:
    """The standard output and status of a step's last command that ended; None without one."""
    ended = run.commands.filter(step__key=step, watch=False, state=RunCommand.State.ENDED)
    command = ended.order_by("-number").first()
    if command is None:
        return None
    pieces = command.output.filter(stream="stdout").order_by("offset").values_list("content", flat=True)
    text = b"".join(bytes(piece) for piece in pieces).decode("utf-8", "replace")
    return Output(text, "", command.status)
