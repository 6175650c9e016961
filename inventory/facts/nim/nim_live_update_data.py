"""`cat FILE`: the text of a `live_update_data` resource on the NIM master."""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.text import answer, first_line

_ABSENT = ("0652-050", "No such file or directory")


def _build(data_file: str) -> Command:
    return aix("cat", data_file)


def _parse(output: Output) -> str | None:
    """The text byte for byte, or None when there is no such file."""
    complaint = first_line(output.stderr)
    if output.status and not output.stdout and any(sign in complaint for sign in _ABSENT):
        return None
    answer(output, "cat", closed=".*")
    return output.stdout


NIM_LIVE_UPDATE_DATA = Fact(
    name="nim_live_update_data",
    host=HostKind.NIM_MASTER,
    build=_build,
    parse=_parse,
    params=("data_file",),
)
