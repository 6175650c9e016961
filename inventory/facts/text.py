"""What all parsers of printed output share: lines without their ends, and refusals."""

import re
from collections.abc import Container

from inventory.facts.base import Output, Unparsable

_WALL = re.compile(
    r"\x07*Broadcast message from \S+ \(\S+\) at [0-9:]{5,8} \.\.\.|Live AIX update (started|completed)\b.*"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def answer(output: Output, command: str, *, statuses: Container[int] = (0,), closed: str = "") -> list[str]:
    """The lines of stdout without trailing blanks (a terminal's CR too), blank lines included.

    Raises Unparsable when the command ended otherwise than with one of `statuses`, or printed
    control characters: what follows then is not the documented output. Raises it too when the last
    line has no end, for then the output may have been cut off within it, unless the line as printed
    matches `closed`, a pattern of lines that cannot go on.
    """
    if output.status is None or output.status not in statuses:
        ended = "in an unknown way" if output.status is None else f"with status {output.status}"
        raise Unparsable(f"{command} ended {ended}", first_line(output.stderr) or first_line(output.stdout))
    lines = printed(output.stdout)
    for line in lines:
        if _CONTROL.search(line):
            raise Unparsable(f"{command} printed control characters", line)
    last = output.stdout.rpartition("\n")[2]
    if last.strip() and not (closed and re.fullmatch(closed, last)):
        raise Unparsable("the output ends within a line", last.rstrip())
    return lines


def printed(text: str) -> list[str]:
    """The lines of a text without trailing blanks, and without what `wall` writes after a Live Update."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    return [line for line in lines if not _WALL.fullmatch(line)]


def filled(lines: list[str]) -> list[str]:
    """The lines that are not blank."""
    return [line for line in lines if line.strip()]


def only_line(lines: list[str], what: str) -> str:
    """The one filled line of an answer that has exactly one. Raises Unparsable naming what it is."""
    said = filled(lines)
    if not said:
        raise Unparsable(f"no {what} in the output")
    if len(said) > 1:
        raise Unparsable(f"more than one line where one {what} is expected", said[1])
    return said[0]


def first_line(text: str) -> str:
    """The first line of a text that is not blank, or nothing."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def number(text: str, what: str, line: str) -> int:
    """A whole number in ASCII digits. Raises Unparsable naming what it should have been."""
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise Unparsable(f"{what} is not a whole number", line)
    return int(text)
