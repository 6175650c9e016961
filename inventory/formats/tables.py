"""What the parsers of captured outputs share: tables under a heading, and labelled values."""

import re
from collections.abc import Container, Iterable
from typing import Any

from inventory.facts.base import Output, Unparsable
from inventory.facts.text import answer, filled, number

Row = dict[str, Any]


def table(
    output: Output,
    command: str,
    title: str,
    row: str,
    *,
    numbers: Iterable[str] = (),
    closed: str = "",
    statuses: Container[int] = (0,),
    empty: bool = False,
) -> list[Row]:
    """The rows under a heading that matches `title` and maybe a ruler, by the named groups of `row`.

    `numbers` names the groups that are whole numbers; a group that took no part is None. An output
    without any line is an empty table if `empty`. Raises Unparsable.
    """
    lines = filled(answer(output, command, statuses=statuses, closed=closed))
    if not lines and empty:
        return []
    if not lines or not re.fullmatch(title, lines[0].strip()):
        raise Unparsable(f"not the heading of {command}", lines[0] if lines else "")
    body = lines[1:]
    if body and not body[0].strip("-= \u2013\u2014"):
        del body[0]
    return [read_row(line, row, command, numbers) for line in body]


def read_row(line: str, row: str, command: str, numbers: Iterable[str] = ()) -> Row:
    """The named groups of one line. Raises Unparsable with it."""
    match = re.fullmatch(row, line.strip())
    if match is None:
        raise Unparsable(f"not a row of {command}", line)
    values: Row = dict(match.groupdict())
    for name in numbers:
        if values[name] is not None:
            values[name] = number(values[name], name, line)
    return values


def labelled(lines: Iterable[str], labels: Iterable[str], command: str) -> dict[str, str]:
    """The values behind labels that stand in one or two columns. Raises Unparsable.

    A label ends with a colon, which some commands leave out.
    """
    names = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    split = re.compile(rf"(?:^|(?<=\s))({names})\s?:?(?=\s|$)")
    values: dict[str, str] = {}
    for line in filled(list(lines)):
        before, *parts = split.split(line)
        if before.strip() or not parts:
            raise Unparsable(f"not a line of {command}", line)
        for label, value in zip(parts[::2], parts[1::2], strict=True):
            if values.setdefault(label, value.strip()) != value.strip():
                raise Unparsable(f"{label} is there twice", line)
    return values


def snake(label: str) -> str:
    """A label as a key: `PV STATE` is `pv_state`."""
    return re.sub(r"\W+", "_", label).strip("_").lower()
