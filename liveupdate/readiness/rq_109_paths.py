"""RQ-109: all paths to rootvg and to the spare disks can be used."""

from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.paths import PATHS
from liveupdate.lpar.disks import ROOTVG, NoDisks, choose, needs_spares
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where


def _test(subject: Subject) -> Outcome:
    wanted = [disk.name for disk in subject.value(LSPV) if disk.volume_group == ROOTVG]
    if needs_spares(subject):
        try:
            choice = choose(subject, reclaim=True)
            wanted += [*choice.nhdisk, *choice.mhdisk]
        except NoDisks:
            wanted += []
    paths = [path for path in subject.value(PATHS) if path.device in wanted]
    evidence = (lines_where(subject, PATHS, keep=lambda line: line.split()[1:2][0] in wanted),)
    down = [path for path in paths if path.status not in ("Enabled", "Available")]
    if down:
        named = ", ".join(f"{path.device} over {path.parent} ({path.status})" for path in down)
        return Outcome(FindingState.WARNING, f"Paths that cannot be used: {named}.", evidence)
    single = sorted(set(wanted) - {path.device for path in paths})
    if single:
        message = f"lspath shows no paths of {', '.join(single)}: they are not under MPIO."
        state = FindingState.NOT_APPLICABLE if len(single) == len(wanted) else FindingState.OK
        return Outcome(state, message, evidence)
    return Outcome(FindingState.OK, f"All {len(paths)} paths of {', '.join(wanted)} are enabled.", evidence)


CHECK = Check(
    id="RQ-109",
    title="Paths to the disks",
    why="A path that is down may be the one that the surrogate would need, and hides a fault of the fabric.",
    remedy="chpath -l DISK -p PARENT -s enable, or rmpath and cfgmgr for paths that are gone for good.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-109",
    see="lspath (Enabled for every path of rootvg's disks and of the spares)",
    recalled=True,
)
