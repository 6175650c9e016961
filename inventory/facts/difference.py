"""What is different between two answers to one fact: typed values where both are understood, else lines."""

import difflib
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from inventory.facts.base import Fact, Output, Unparsable
from inventory.facts.level import Level

PASSING = frozenset({"pid", "ppid", "used_percent", "free_cores", "free_memory_mb"})
"""Members of values that change by themselves: with each start, or with what runs."""
NAMES = ("name", "mount_point", "device", "label", "key")
"""Members by which the rows of a table are told apart, the first that a row has."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One member of a value (`hdisk3.volume_group`), before and after; None: it was not there."""

    what: str
    before: str | None
    after: str | None


def differences(fact: Fact[Any], before: Output, after: Output) -> tuple[Difference, ...]:
    """What changed from one answer to the other, in order of the members' names.

    Blanks, order of lines and other forms that do not change the value are no difference. Where one
    of the answers is not understood, printed lines are compared instead.
    """
    if fact.volatile:
        return ()
    try:
        old, new = _members(fact.parse(before)), _members(fact.parse(after))
    except Unparsable:
        return tuple(_lines(before, after))
    names = sorted({*old, *new})
    return tuple(
        Difference(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    )


def _members(value: Any) -> dict[str, str]:
    """A value as flat members; of members with the same name the further ones are numbered."""
    members: dict[str, str] = {}
    for name, text in _flat(value, ""):
        place, count = name, 1
        while place in members:
            count += 1
            place = f"{name} #{count}"
        members[place] = text
    return members


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Level):
        yield path, value.text
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            if each.name not in PASSING:
                yield from _flat(getattr(value, each.name), _below(path, each.name))
    elif isinstance(value, Mapping):
        for key in value:
            yield from _flat(value[key], _below(path, str(key)))
    elif isinstance(value, list | tuple | Set):
        for item in value:
            yield from _row(item, path)
    else:
        yield path, "" if value is None else str(value.value if isinstance(value, Enum) else value)


def _row(item: Any, path: str) -> Iterator[tuple[str, str]]:
    """A member of a table under its own name; a plain one is its own name."""
    if not is_dataclass(item):
        yield from _flat(item, path) if isinstance(item, Mapping) else [(_below(path, str(item)), "yes")]
        return
    own = next((name for name in NAMES if hasattr(item, name)), "")
    name = str(getattr(item, own)) if own else ""
    for place, text in _flat(item, ""):
        if place != own:
            yield _below(path, _below(name, place)), text
    if name and len(fields(item)) == 1:
        yield _below(path, name), "yes"


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _lines(before: Output, after: Output) -> Iterator[Difference]:
    if before.status != after.status:
        yield Difference("exit status", _status(before), _status(after))
    old, new = _text(before), _text(after)
    for line in difflib.ndiff(old, new):
        mark, text = line[:2], line[2:]
        if mark == "- " and text.strip():
            yield Difference("line", text, None)
        elif mark == "+ " and text.strip():
            yield Difference("line", None, text)


def _status(output: Output) -> str:
    return "unknown" if output.status is None else str(output.status)


def _text(output: Output) -> list[str]:
    return [line.rstrip() for line in (output.stdout + "\n" + output.stderr).splitlines()]
