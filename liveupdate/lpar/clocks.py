"""How far a host's clock is from the portal's, from its local time and the name of its zone.

A zone's name often stands for several zones, or is one that a site made up; clocks are off by whole
quarters of an hour between zones, so that minutes and seconds can be compared even then.
"""

import re
from datetime import UTC, datetime, timedelta

QUARTER = timedelta(minutes=15)
EVERYWHERE = tuple(QUARTER * step for step in range(-12 * 4, 14 * 4 + 1))
"""The offsets from UTC that some place on earth has, and those between them."""
_NUMERIC = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})?")
_HOURS: dict[str, tuple[float, ...]] = {
    "UTC": (0,),
    "GMT": (0,),
    "CUT": (0,),
    "WET": (0,),
    "WEST": (1,),
    "BST": (1, 6),
    "CET": (1,),
    "CEST": (2,),
    "MET": (1,),
    "MEST": (2,),
    "EET": (2,),
    "EEST": (3,),
    "MSK": (3,),
    "SAST": (2,),
    "IST": (5.5, 2, 1),
    "PKT": (5,),
    "SGT": (8,),
    "HKT": (8,),
    "JST": (9,),
    "KST": (9,),
    "AWST": (8,),
    "ACST": (9.5,),
    "ACDT": (10.5,),
    "AEST": (10,),
    "AEDT": (11,),
    "NZST": (12,),
    "NZDT": (13,),
    "BRT": (-3,),
    "AST": (-4, 3),
    "ADT": (-3,),
    "EST": (-5, 10),
    "EDT": (-4, 11),
    "CST": (-6, 8, -5, 9.5),
    "CDT": (-5, 9, -4, 10.5),
    "MST": (-7,),
    "MDT": (-6,),
    "PST": (-8,),
    "PDT": (-7,),
    "AKST": (-9,),
    "AKDT": (-8,),
    "HST": (-10,),
}


def offsets(zone: str) -> tuple[timedelta, ...]:
    """What a zone of this name may be ahead of UTC; empty for a name that says nothing."""
    if numeric := _NUMERIC.fullmatch(zone):
        away = timedelta(hours=int(numeric[2]), minutes=int(numeric[3] or 0))
        return (-away if numeric[1] == "-" else away,)
    return tuple(timedelta(hours=hours) for hours in _HOURS.get(zone, ()))


def ahead(local: str, zone: str, at: datetime) -> timedelta:
    """How far a clock that showed `local` (`YYYY-MM-DDThh:mm:ss`) is ahead of the moment `at`.

    Of the offsets that the zone may have, the one that explains most; negative is behind.
    Raises ValueError for a time that no clock shows.
    """
    shown = datetime.fromisoformat(local)
    passed = shown - at.astimezone(UTC).replace(tzinfo=None)
    return min((passed - away for away in offsets(zone) or EVERYWHERE), key=abs)
