"""RQ-102: the disks that `lvupdate.data` names belong to no volume group."""

from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.lvupdate_data import LVUPDATE_DATA
from liveupdate.lpar.disks import needs_spares, why_not_free
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted


def _test(subject: Subject) -> Outcome:
    if not needs_spares(subject):
        return Outcome(FindingState.NOT_APPLICABLE, "PowerVC brings the disks.")
    disks = {disk.name: disk for disk in subject.value(LSPV)}
    data = subject.value(LVUPDATE_DATA)
    problems = []
    for name in (*data.disks("nhdisk"), *data.disks("mhdisk")):
        if name not in disks:
            problems.append(f"{name} does not exist.")
        elif reason := why_not_free(disks[name], subject):
            problems.append(reason)
    if problems:
        evidence = (lines_with(subject, LVUPDATE_DATA, having=("nhdisk", "mhdisk")), quoted(subject, LSPV))
        message = f"lvupdate.data names disks that are not free: {' '.join(problems)} The plan names others."
        return Outcome(FindingState.BLOCKER, message, evidence, curable=True)
    free = [name for name, disk in disks.items() if not why_not_free(disk, subject)]
    message = f"Disks in no volume group: {', '.join(free) or 'none'}."
    state = FindingState.OK if free else FindingState.NOT_APPLICABLE
    return Outcome(state, message, (quoted(subject, LSPV),))


CHECK = Check(
    id="RQ-102",
    title="Spare disks are in no volume group",
    why="Live Update overwrites nhdisk and mhdisk.",
    remedy="Name free disks (None in the third column of lspv) in lvupdate.data.",
    see="lspv shows None in the third column for each disk named in lvupdate.data",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-102",
)
