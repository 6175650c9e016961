"""RQ-117: there is room in `/` and `/var`."""

from inventory.facts.aix.df import DF
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where

NEEDED_MB = 100
WANTED_MB = 500
PLACES = ("/", "/var")


def _test(subject: Subject) -> Outcome:
    free = {each.mount_point: each.free_mb for each in subject.value(DF) if each.mount_point in PLACES}
    known = {place: room for place, room in free.items() if room is not None}
    evidence = (lines_where(subject, DF, keep=lambda line: line.split()[-1] in (*PLACES, "on")),)
    if "/" not in known:
        return Outcome(FindingState.UNKNOWN, "df shows no free room for /.", evidence)
    least = min(known.values())
    seen = ", ".join(f"{place} has {room:.0f} MB free" for place, room in known.items())
    if least < NEEDED_MB:
        message = f"{seen}; at least {NEEDED_MB} MB are needed."
        return Outcome(FindingState.BLOCKER, message, evidence)
    if least < WANTED_MB:
        message = f"{seen}; {WANTED_MB} MB are recommended."
        return Outcome(FindingState.WARNING, message, evidence)
    return Outcome(FindingState.OK, f"{seen}.", evidence)


CHECK = Check(
    id="RQ-117",
    title="Room in / and /var",
    why="Live Update writes its logs and working files there: 100 MB at least, 500 MB recommended.",
    remedy="chfs -a size=+512M /var (needs free partitions in rootvg).",
    see="df -m shows 500 MB or more free in / and /var",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-117",
)
