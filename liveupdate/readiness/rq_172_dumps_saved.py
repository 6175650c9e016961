"""RQ-172: an existing system dump should be saved."""

from inventory.facts.aix.previous_dump import PREVIOUS_DUMP
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    """A dump that was copied to a file stays with rootvg; one on the dump device alone is lost."""
    dump = subject.value(PREVIOUS_DUMP)
    evidence = (quoted(subject, PREVIOUS_DUMP),)
    if dump is None:
        return Outcome(FindingState.OK, "There is no system dump.", evidence)
    if dump.copied_to:
        message = f"The system dump of {dump.taken} was copied to {dump.copied_to}."
        return Outcome(FindingState.OK, message, evidence)
    message = f"The system dump of {dump.taken} lies on {dump.device} only, where the update loses it."
    return Outcome(FindingState.WARNING, message, evidence)


CHECK = Check(
    id="RQ-172",
    title="System dumps are saved",
    why="The surrogate begins with an empty dump device.",
    remedy="Copy it to a file system: savecore -d /var/adm/ras, or send it to IBM with snap.",
    see="sysdumpdev -L prints: 0453-019 No previous dumps recorded.",
    severity=Severity.WARNING,
    test=_test,
    source="Live Update's preview",
)
