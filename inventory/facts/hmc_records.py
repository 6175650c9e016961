"""The records of HMC commands: `attribute=value` lists, or the columns asked for with `-F`."""

import csv
import io
import re
from decimal import Decimal

from inventory.facts.base import Output, Unparsable
from inventory.facts.text import answer, filled, first_line, number

Record = dict[str, str]

_CLOSED = r"[^=]*,(?:No Connection|Operating|Power Off|Not Activated|Running)\s*"
_NOTHING = ("No results were found.", "Nie znaleziono wyników.")
_PAIR = re.compile(r"(\w+)=(.*)", re.DOTALL)
_SHIFTED = re.compile(r"\s+\w+=")
_ABSENT = frozenset({"", "none", "null", "unavailable"})


def records(output: Output, command: str, columns: tuple[str, ...] = ()) -> list[Record]:
    """The records of one answer; `columns` are those of the command's `-F`, in order.

    Attribute lists and a `--header` line explain themselves and are understood too. Quoted fields
    may hold commas and line ends. "No results were found." is an empty list, whatever its status.
    Raises Unparsable otherwise.
    """
    if first_line(output.stdout + output.stderr) in _NOTHING:
        return []
    lines = filled(answer(output, command, closed=_CLOSED))
    if not lines:
        raise Unparsable(f"{command} printed nothing")
    rows = _rows(lines)
    if columns and tuple(rows[0]) == columns:
        del rows[0]
    found = [_record(row, columns) for row in rows]
    for record in found[1:]:
        if next(iter(record)) != next(iter(found[0])):
            raise Unparsable("a record begins with another attribute than the first", _shown(record))
    return found


def only(found: list[Record], what: str) -> Record:
    """The one record of an answer about one thing. Raises Unparsable for none or several."""
    if len(found) != 1:
        raise Unparsable(f"{len(found)} records where one {what} is expected")
    return found[0]


def text(record: Record, attribute: str) -> str:
    """The value of an attribute that the record must have (possibly empty). Raises Unparsable."""
    if attribute not in record:
        raise Unparsable(f"there is no {attribute}", _shown(record))
    return record[attribute]


def count(record: Record, attribute: str) -> int:
    """A whole number, e.g. MB of memory. Raises Unparsable."""
    return number(text(record, attribute), attribute, _shown(record))


def count_if_any(record: Record, attribute: str) -> int | None:
    """A whole number, or None where the HMC says none, null or unavailable."""
    return None if record.get(attribute, "") in _ABSENT else count(record, attribute)


def cores(record: Record, attribute: str) -> Decimal:
    """Processing units as the HMC prints them, e.g. `0.3`. Raises Unparsable."""
    value = text(record, attribute)
    if not re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,4})?", value):
        raise Unparsable(f"{attribute} is not a number of cores", _shown(record))
    return Decimal(value)


def cores_if_any(record: Record, attribute: str) -> Decimal | None:
    """Processing units, or None where the HMC has none (dedicated processors)."""
    return None if record.get(attribute, "") in _ABSENT else cores(record, attribute)


def _rows(lines: list[str]) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO("\n".join(lines), newline=""), strict=True))
    except csv.Error as error:
        raise Unparsable(f"not comma-separated values ({error})", lines[0]) from error


def _record(row: list[str], columns: tuple[str, ...]) -> Record:
    """A row of as many fields as columns holds just their values, unless it names the columns itself."""
    named = [pair[1] for pair in map(_PAIR.fullmatch, row) if pair]
    if columns and len(row) == len(columns) and named != list(columns):
        return dict(zip(columns, row, strict=True))
    if not _PAIR.fullmatch(row[0]):
        raise Unparsable("not a record of this command", ",".join(row))
    return _attributes(row)


def _attributes(row: list[str]) -> Record:
    """A list of attributes; an unquoted value may hold commas, so pieces without `=` belong before."""
    record: Record = {}
    name = ""
    for piece in row:
        if pair := _PAIR.fullmatch(piece):
            name = pair[1]
            if name in record:
                raise Unparsable(f"{name} is there twice", ",".join(row))
            record[name] = pair[2]
        elif _SHIFTED.match(piece):
            raise Unparsable("an attribute that begins with a blank", ",".join(row))
        else:
            record[name] += f",{piece}"
    if not row[-1]:
        raise Unparsable("a record that goes on after its last comma", ",".join(row))
    return record


def _shown(record: Record) -> str:
    return ",".join(f"{name}={value}" for name, value in record.items())
