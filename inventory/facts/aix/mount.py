"""`mount`: what is mounted where, and as which type of file system."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_TITLE = re.compile(r"\s*node\s+mounted\s+mounted over\s+vfs\s+date\s+options")
_RULER = re.compile(r"[-\s]+")
_ROW = re.compile(
    r"(?P<what>.*\S)\s+(?P<vfs>\S+)\s+"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-3]?[0-9] [0-2][0-9]:[0-5][0-9]"
    r"(?:\s+(?P<options>\S.*))?"
)
_CLOSED = r".*[0-2][0-9]:[0-5][0-9]\s+\S+\s+"
_SPLIT = re.compile(r"\s+(?=/)")


@dataclass(frozen=True, slots=True)
class Mount:
    """One mounted file system; `node` is empty for a local one, `options` is the text as printed."""

    node: str
    device: str
    mount_point: str
    vfs: str
    options: str


def _build() -> Command:
    return aix("mount")


def _parse(output: Output) -> tuple[Mount, ...]:
    lines = filled(answer(output, "mount", closed=_CLOSED))
    if len(lines) < 2 or not _TITLE.fullmatch(lines[0]) or not _RULER.fullmatch(lines[1]):
        raise Unparsable("mount did not print its two heading lines", lines[0] if lines else "")
    if len(lines) == 2:
        raise Unparsable("mount printed no file system")
    return tuple(_mount(line) for line in lines[2:])


def _mount(line: str) -> Mount:
    row = _ROW.fullmatch(line)
    if row is None:
        raise Unparsable("not a row of mount", line)
    node, what = "", row["what"].strip()
    if not line[0].isspace():
        node, _, what = what.partition(" ")
    device, mount_point = _split(what.strip(), line)
    return Mount(node, device, mount_point, row["vfs"], row["options"] or "")


def _split(what: str, line: str) -> tuple[str, str]:
    """Device and mount point; names may hold blanks, so only one way to divide is an answer."""
    ways = [(what[: gap.start()], what[gap.end() :]) for gap in _SPLIT.finditer(what) if gap.start() > 0]
    if len(ways) != 1:
        raise Unparsable("device and mount point cannot be told apart", line)
    return ways[0]


MOUNT = Fact(name="mount", host=HostKind.LPAR, build=_build, parse=_parse)
