"""RQ-179: the NIM master has a recent backup of rootvg."""

from datetime import datetime

from inventory.facts.nim.nim_backups import NIM_BACKUPS, Backup
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.nim import stanza_lines

RECENT_DAYS = 30


def _test(subject: Subject) -> Outcome:
    if not subject.nim_name:
        return Outcome(
            FindingState.NOT_APPLICABLE, "The inventory names no NIM master that would keep backups."
        )
    own = [each for each in subject.value(NIM_BACKUPS) if each.client == subject.nim_name and each.made_at]
    usable = [each for each in own if each.ready]
    newest = max(usable, key=lambda each: each.made_at, default=None)
    evidence = (stanza_lines(subject, NIM_BACKUPS, newest.name if newest else ""),)
    if newest is None:
        message = f"The NIM master has no usable mksysb of {subject.nim_name}."
        return Outcome(FindingState.WARNING, message, evidence)
    days = _age(subject, newest)
    said = f"The newest mksysb of {subject.nim_name}, {newest.name}, is of {newest.made_at[:10]}"
    if days > RECENT_DAYS:
        return Outcome(FindingState.WARNING, f"{said}, {days} days before it was looked for.", evidence)
    return Outcome(FindingState.OK, f"{said}.", evidence)


def _age(subject: Subject, backup: Backup) -> int:
    """Days between the backup and the reading; that the master's time zone is not told matters little."""
    reading = subject.reading(NIM_BACKUPS)
    assert reading is not None
    return (reading.read_at.date() - datetime.fromisoformat(backup.made_at).date()).days


CHECK = Check(
    id="RQ-179",
    title="Recent mksysb",
    why="If disk and clone are both lost, only an image elsewhere brings the LPAR back.",
    remedy="On the NIM master: nim -o define -t mksysb -a server=master -a mk_image=yes -a source=LPAR "
    "-a location=FILE NAME. If another product makes the backups, see that its last one is good.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-179",
    see=f"lsnim -l -t mksysb on the NIM master: an image with source_image = LPAR, not older than "
    f"{RECENT_DAYS} days, with Rstate = ready for use",
    varies="Only where the inventory names a NIM master.",
)
