"""Reads an output that somebody captured the way the portal reads one that it asked for itself."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import takewhile
from typing import Any

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.level import Level
from inventory.formats.base import Format
from inventory.formats.catalogue import formats_of, similar
from inventory.formats.spelling import Invocation, invocation
from portal.lib.errors import Invalid

_ALIKE = 12


@dataclass(frozen=True, slots=True)
class Understood:
    """What the portal reads from a captured output, as plain data, and which parser read it.

    `details` are all that a general format reads of it, where a fact reads only what the portal needs.
    """

    format: Format
    value: Any
    details: Any = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an output is not what its command prints; the line, and its number counted from 1."""

    format: Format
    reason: str
    line: str
    line_number: int | None


def read_capture(command: str, output: Output, host: HostKind | None = None) -> Understood | Refused:
    """Read the output of a command line. Raises Invalid for a command that no format is known of.

    Where the line leaves a value out and so may be several commands, the first that reads it counts.
    """
    try:
        given = invocation(command)
    except ValueError as error:
        raise Invalid(f"{command!r} is not a command line: {error}.") from error
    formats = formats_of(given, host)
    if not formats:
        raise Invalid(f"No format is known for {command!r}.", remedy=_remedy(command))
    outcomes = [_read(each, given, output) for each in formats]
    understood = [outcome for outcome in outcomes if isinstance(outcome, Understood)]
    if not understood:
        return outcomes[0]
    details = (other.value for other in understood[1:] if not other.format.is_fact)
    return replace(understood[0], details=next(details, None) if understood[0].format.is_fact else None)


def text_of(content: bytes) -> str:
    """A captured file as text; a byte-order mark that an editor put in front is no part of it."""
    return content.decode("utf-8", "backslashreplace").removeprefix("\ufeff")


def _remedy(command: str) -> str:
    near = "; ".join(similar(command))
    return f"Near it: {near}." if near else "parse_output --list names every command."


def _read(each: Format, given: Invocation, output: Output) -> Understood | Refused:
    try:
        value = each.read(output, given)
    except Unparsable as error:
        line = error.line or _last_line(output)
        return Refused(each, error.reason, line, _number_of(line, output))
    return Understood(each, plain(value))


def _last_line(output: Output) -> str:
    """Where the output ends, for what is missing in it as a whole."""
    return next((line.rstrip() for line in reversed(output.stdout.splitlines()) if line.strip()), "")


def _number_of(line: str, output: Output) -> int | None:
    """Where a refused line stands; one that was put together from fields may begin as the printed one."""
    wanted = line.strip()
    for stream in (output.stdout, output.stderr):
        printed = [each.strip() for each in stream.splitlines()]
        if wanted and wanted in printed:
            return printed.index(wanted) + 1
        alike = [_common(wanted, each) for each in printed]
        if max(alike, default=0) >= _ALIKE:
            return alike.index(max(alike)) + 1
    return None


def _common(one: str, other: str) -> int:
    """How many characters two lines have in common at their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def plain(value: Any) -> Any:
    """A value as JSON has it: records as objects, levels as AIX writes them."""
    if isinstance(value, Level):
        return value.text
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [plain(item) for item in (sorted(value) if isinstance(value, frozenset | set) else value)]
    return value
