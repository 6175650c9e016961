"""RQ-108: the spare disks are reserved by nobody and hold nothing of others."""

from inventory.facts.aix.disk_attributes import DISK_ATTRIBUTES
from inventory.facts.aix.disk_header import DISK_HEADER
from inventory.facts.aix.disk_signature import DISK_SIGNATURE
from inventory.facts.aix.lspv import LSPV
from liveupdate.lpar.disks import NoDisks, choose, needs_spares, traces
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted

SHAREABLE = frozenset({"no_reserve", "single_path", ""})


def _test(subject: Subject) -> Outcome:
    if not needs_spares(subject):
        return Outcome(FindingState.NOT_APPLICABLE, "PowerVC brings the disks.")
    try:
        choice = choose(subject, reclaim=True)
    except NoDisks:
        return Outcome(FindingState.NOT_APPLICABLE, "There are no spare disks to look at (RQ-101).")
    chosen = [name for name in (*choice.nhdisk, *choice.mhdisk) if name not in choice.reclaimed]
    disks = [disk for disk in subject.value(LSPV) if disk.name in chosen]
    problems = [problem for disk in disks for problem in traces(subject, disk)]
    for disk in disks:
        attributes = subject.value(DISK_ATTRIBUTES, disk.name)
        if attributes.reserve_policy not in SHAREABLE:
            problems.append(f"{disk.name} is reserved by {attributes.reserve_policy}")
        if attributes.pvid != disk.pvid:
            said = f"{attributes.pvid or 'none'} as its attribute and {disk.pvid or 'none'} in lspv"
            problems.append(f"{disk.name} has the PVID {said}")
    evidence = tuple(seen for name in chosen for seen in _evidence(subject, name))
    if problems:
        return Outcome(FindingState.WARNING, f"{'; '.join(problems)}.", evidence)
    if not chosen:
        message = "The chosen disks hold what an earlier Live Update left (RQ-103)."
        return Outcome(FindingState.NOT_APPLICABLE, message)
    for disk in disks:
        subject.value(DISK_SIGNATURE, disk.name)
        subject.value(DISK_HEADER, disk.name)
    message = f"{', '.join(chosen)}: no reservation, no record of a volume group, no data of others."
    return Outcome(FindingState.OK, message, evidence)


def _evidence(subject: Subject, disk: str) -> list[Evidence]:
    seen = [lines_with(subject, DISK_ATTRIBUTES, disk, having=("reserve_policy", "pvid"))]
    for fact in (DISK_SIGNATURE, DISK_HEADER):
        if subject.reading(fact, disk) is not None:
            seen.append(quoted(subject, fact, disk))
    return seen


CHECK = Check(
    id="RQ-108",
    title="Spare disks are empty and not reserved",
    why="Live Update overwrites them. A disk that shows None in lspv may be reserved from elsewhere, belong "
    "to a database, or carry the record of a volume group that another LPAR uses; tools may also refuse it.",
    remedy="Make sure whose the disk is. Then clear it: chpv -C DISK for the record of a volume group, "
    "chdev -l DISK -a reserve_policy=no_reserve for a reservation.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-108; free-disk trap of A-21",
    see="lsattr -El hdisk2 (reserve_policy no_reserve or single_path), lquerypv -V hdisk2 (1: no volume "
    "group), lquerypv -h /dev/hdisk2 (zeros, or AIX's own record)",
)
