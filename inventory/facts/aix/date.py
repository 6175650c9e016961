"""`date`: the LPAR's own clock."""

import re
from dataclasses import dataclass
from datetime import datetime

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2})\s+([0-9]{1,2}) "
    r"([0-9]{2}:[0-9]{2}:[0-9]{2}) (\S+) ([0-9]{4})"
)


@dataclass(frozen=True, slots=True)
class HostClock:
    """The LPAR's local time as `YYYY-MM-DDThh:mm:ss` and the name of its time zone."""

    local: str
    zone: str


def parse(output: Output) -> HostClock:
    """The clock, from the C locale's form."""
    line = only_line(answer(output, "date", closed=r".* [0-9]{4}\s*"), "date")
    match = _DATE.fullmatch(line)
    if match is None or match[1] not in _MONTHS:
        raise Unparsable("not a date in the C locale", line)
    month, day, time, zone, year = match.groups()
    local = f"{year}-{_MONTHS.index(month) + 1:02d}-{int(day):02d}T{time}"
    try:
        datetime.fromisoformat(local)
    except ValueError as error:
        raise Unparsable("not a date of the calendar", line) from error
    return HostClock(local, zone)


DATE = Fact("date", HostKind.LPAR, lambda: aix("date"), parse, volatile=True)
