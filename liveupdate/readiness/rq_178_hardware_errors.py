"""RQ-178: no permanent hardware error in the last 24 hours."""

from datetime import datetime, timedelta

from inventory.facts.aix.date import DATE
from inventory.facts.aix.hardware_errors import HARDWARE_ERRORS
from inventory.facts.error_log import ErrorEntry
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted

WATCHED = timedelta(hours=24)
NAMED = 3


def _test(subject: Subject) -> Outcome:
    """Count back from the LPAR's own clock: the error log keeps the LPAR's local time."""
    clock = subject.value(DATE)
    since = (datetime.fromisoformat(clock.local) - WATCHED).isoformat(timespec="minutes")
    recent = [entry for entry in subject.value(HARDWARE_ERRORS) if _at(entry) >= since]
    if not recent:
        evidence = (quoted(subject, DATE), quoted(subject, HARDWARE_ERRORS))
        return Outcome(FindingState.OK, "No permanent hardware error in the last 24 hours.", evidence)
    named = "; ".join(
        f"{entry.resource}: {entry.description or entry.identifier}" for entry in recent[:NAMED]
    )
    more = "" if len(recent) <= NAMED else f"; and {len(recent) - NAMED} more"
    message = f"{len(recent)} permanent hardware error(s) in the last 24 hours: {named}{more}."
    stamps = tuple(f" {entry.timestamp} " for entry in recent)
    return Outcome(FindingState.WARNING, message, (lines_with(subject, HARDWARE_ERRORS, having=stamps),))


def _at(entry: ErrorEntry) -> str:
    """When it happened, from MMDDhhmmYY, as a text that sorts by time."""
    stamp = entry.timestamp
    return f"20{stamp[8:]}-{stamp[:2]}-{stamp[2:4]}T{stamp[4:6]}:{stamp[6:8]}"


CHECK = Check(
    id="RQ-178",
    title="No permanent hardware error in the last 24 hours",
    why="Disks, paths or adapters that fail now may fail during the update.",
    remedy="Find the cause (errpt -a -j IDENTIFIER) and repair it before the update.",
    see="errpt -T PERM -s MMDDhhmmYY of a day ago prints nothing or its header alone",
    severity=Severity.WARNING,
    recalled=True,
    test=_test,
)
