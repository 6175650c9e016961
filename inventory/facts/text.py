"""What all parsers of printed output share: lines without their ends, and refusals."""

import re

from inventory.facts.base import Output, Unparsable

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def answer(output: Output, command: str, *, statuses: tuple[int, ...] = (0,)) -> list[str]:
    """The lines of stdout without trailing blanks (a terminal's CR too), blank lines included.

    Raises Unparsable when the command ended otherwise than with one of `statuses`, or printed
    control characters: what follows then is not the documented output.
    """
    if output.status not in statuses:
        ended = "in an unknown way" if output.status is None else f"with status {output.status}"
        raise Unparsable(f"{command} ended {ended}", first_line(output.stderr) or first_line(output.stdout))
    lines = [line.rstrip() for line in output.stdout.replace("\r\n", "\n").split("\n")]
    for line in lines:
        if _CONTROL.search(line):
            raise Unparsable(f"{command} printed control characters", line)
    return lines


def filled(lines: list[str]) -> list[str]:
    """The lines that are not blank."""
    return [line for line in lines if line.strip()]


def first_line(text: str) -> str:
    """The first line of a text that is not blank, or nothing."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def number(text: str, what: str, line: str) -> int:
    """A whole number in ASCII digits. Raises Unparsable naming what it should have been."""
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise Unparsable(f"{what} is not a whole number", line)
    return int(text)
