"""RQ-020: kernels of some levels cannot release shared libraries of users other than root (P6)."""

from inventory.facts.aix.emgr_list import EMGR_LIST, Ifix
from inventory.facts.aix.lslpp import LSLPP
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.processes import PROCESSES, Process
from inventory.facts.level import Level
from liveupdate.knowledge.levels import TABLE_NAME, Defect, FilesetHit, Hit, apars_of, fileset_hit_by, hit_by
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, process_lines, quoted
from liveupdate.readiness.filesets import installed, version

KERNEL = "bos.mp64"
OF_THE_SYSTEM = frozenset(
    {"root", "daemon", "bin", "sys", "adm", "uucp", "nuucp", "nobody", "lpd", "lp", "invscout", "snapp"}
    | {"ipsec", "sshd", "pconsole", "esaadmin", "srvproxy"}
)
NAMED = 5


def _test(subject: Subject) -> Outcome:
    """Level and kernel fileset both count; an interim fix in place repairs it; the workload weighs it."""
    level = subject.value(OSLEVEL)
    kernel = installed(subject, KERNEL)
    at = f"AIX {level}" + (f" with {KERNEL} {kernel.level}" if kernel else "")
    evidence = (quoted(subject, OSLEVEL), lines_with(subject, LSLPP, having=(f":{KERNEL}:",)))
    hit = _hit(level, version(subject, kernel) if kernel else "")
    if hit is None:
        return Outcome(FindingState.OK, f"{at} releases shared libraries ({TABLE_NAME}).", evidence)
    repair = _repair(subject.value(EMGR_LIST))
    if repair is not None:
        listed = lines_with(subject, EMGR_LIST, having=(repair.label,))
        return Outcome(FindingState.OK, f"{at} is repaired by {repair.label}.", (*evidence, listed))
    return _weighed(subject, f"{at} has the kernel's defect of {hit.apar} ({TABLE_NAME})", evidence)


def _hit(level: Level, kernel: str) -> Hit | FilesetHit | None:
    by_level = hit_by(Defect.SHARED_LIBRARIES, level)
    return by_level or (fileset_hit_by(Defect.SHARED_LIBRARIES, KERNEL, kernel) if kernel else None)


def _repair(ifixes: tuple[Ifix, ...]) -> Ifix | None:
    """An interim fix for one of the defect's APARs that is stable, so in the running kernel."""
    apars = tuple(apars_of(Defect.SHARED_LIBRARIES))
    return next((ifix for ifix in ifixes if ifix.state == "S" and ifix.label.startswith(apars)), None)


def _weighed(subject: Subject, defect: str, evidence: tuple[Evidence, ...]) -> Outcome:
    workload = [each for each in subject.value(PROCESSES) if each.user not in OF_THE_SYSTEM]
    if not workload:
        message = f"{defect}; only processes of the system run, which it need not hit."
        return Outcome(FindingState.WARNING, message, evidence)
    message = f"{defect}, and processes of other users run: {_named(workload)}."
    return Outcome(FindingState.BLOCKER, message, (*evidence, process_lines(subject, workload)))


def _named(workload: list[Process]) -> str:
    users = sorted({process.user for process in workload})
    return ", ".join(users[:NAMED]) + (", …" if len(users) > NAMED else "")


CHECK = Check(
    id="RQ-020",
    title="The running kernel releases shared libraries",
    why="The blackout fails with 1020-007 and the workload stays where it is: the defect is in the running "
    "kernel, its repair in the one to come.",
    remedy="Stop the workload for the update and start it afterwards; or update the classic way, with a "
    "reboot; or install the interim fix for IJ29492 or IJ30267.",
    see="lslpp -Lqc bos.mp64 shows none of 7.2.4.2, 7.2.4.6 and 7.2.5.1; or emgr -l lists an interim fix for "
    "IJ29492 or IJ30267",
    severity=Severity.BLOCKER,
    varies="A warning where nothing but the system's own processes runs.",
    test=_test,
    source=f"APARs IJ29492, IJ30267; {TABLE_NAME}",
)
