"""`date` on an HMC: the console's own clock, in whatever form its user's language gives it."""

import re
from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_TIME = r"(?P<time>[0-9]{2}:[0-5][0-9]:[0-5][0-9])(?: (?P<half>[AP]M))?"
_FORMS = tuple(
    re.compile(f"{_DAY} {rest}")
    for rest in (
        rf"(?P<month>[A-Z][a-z]{{2}}) +(?P<day>[0-9]{{1,2}}) {_TIME} (?P<zone>\S+) (?P<year>[0-9]{{4}})",
        rf" ?(?P<day>[0-9]{{1,2}}) (?P<month>[A-Z][a-z]{{2}}) (?P<year>[0-9]{{4}}) {_TIME} (?P<zone>\S+)",
        rf" ?(?P<day>[0-9]{{1,2}}) (?P<month>[A-Z][a-z]{{2}}) {_TIME} (?P<zone>\S+) (?P<year>[0-9]{{4}})",
    )
)


@dataclass(frozen=True, slots=True)
class ConsoleClock:
    """The HMC's local time as `YYYY-MM-DDThh:mm:ss` and the name of its time zone."""

    local: str
    zone: str


def _build() -> Command:
    return hmc("date")


def _parse(output: Output) -> ConsoleClock:
    """The clock in the C locale's form or one of the English ones."""
    line = only_line(answer(output, "date"), "date")
    for form in _FORMS:
        match = form.fullmatch(line)
        if match and match["month"] in _MONTHS:
            return _clock(match, line)
    raise Unparsable("not a date in English", line)


def _clock(match: re.Match[str], line: str) -> ConsoleClock:
    hour, day = int(match["time"][:2]), int(match["day"])
    if match["half"]:
        if not 1 <= hour <= 12:
            raise Unparsable("not an hour of half a day", line)
        hour = hour % 12 + (12 if match["half"] == "PM" else 0)
    if hour > 23 or not 1 <= day <= 31:
        raise Unparsable("not a date", line)
    month = _MONTHS.index(match["month"]) + 1
    local = f"{match['year']}-{month:02d}-{day:02d}T{hour:02d}{match['time'][2:]}"
    return ConsoleClock(local, match["zone"])


HMC_DATE = Fact(name="hmc_date", host=HostKind.HMC, build=_build, parse=_parse, volatile=True)
