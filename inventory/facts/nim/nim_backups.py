"""`lsnim -l -t mksysb`: the images of rootvg that the NIM master keeps, with client and date."""

import re
from dataclasses import dataclass
from datetime import date as Day
from datetime import time as Time

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.nim_objects import NimStanza, stanzas

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2})\s+([0-9]{1,2}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?: [A-Z][A-Za-z0-9:+-]*)? ([0-9]{4})"
)


@dataclass(frozen=True, slots=True)
class Backup:
    """A mksysb image: of which client, made when (the master's local time, `2022-07-20T00:17:25`).

    `client` and `made_at` are empty when the image was not made through NIM; `level` is the
    `oslevel -s` string in it, if the master knows. `ready` says whether NIM can install from it.
    """

    name: str
    client: str
    made_at: str
    level: str
    location: str
    ready: bool


def _build() -> Command:
    return aix("lsnim", "-l", "-t", "mksysb")


def _parse(output: Output) -> tuple[Backup, ...]:
    """The images; there may be none."""
    return tuple(_backup(each) for each in stanzas(output))


def _backup(image: NimStanza) -> Backup:
    if image.type != "mksysb":
        raise Unparsable("not a mksysb", f"{image.name}: type = {image.type}")
    return Backup(
        name=image.name,
        client=image.get("source_image"),
        made_at=_moment(image.get("creation_date")),
        level=image.get("oslevel_s"),
        location=image.get("location"),
        ready=image.get("Rstate") == "ready for use",
    )


def _moment(text: str) -> str:
    """A date of the C locale. Raises Unparsable."""
    if not text:
        return ""
    date = _DATE.fullmatch(text)
    if date is None or date[1] not in _MONTHS:
        raise Unparsable("creation_date is not a date in the C locale", text)
    month, day, hour, minute, second, year = date.groups()
    try:
        made_on = Day(int(year), _MONTHS.index(month) + 1, int(day))
        made_at = Time(int(hour), int(minute), int(second))
    except ValueError as error:
        raise Unparsable(f"creation_date is no date ({error})", text) from error
    return f"{made_on.isoformat()}T{made_at.isoformat()}"


NIM_BACKUPS = Fact(name="nim_backups", host=HostKind.NIM_MASTER, build=_build, parse=_parse)
