"""RQ-013: an interim fix must say that Live Update can apply it."""

from inventory.facts.aix.ifix_package import IFIX_PACKAGE
from inventory.facts.nim.nim_ifix import NIM_IFIX
from liveupdate.lpar.ifix_packages import named_ifixes
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with


def _test(subject: Subject) -> Outcome:
    """Look at each package that the request names; a plan proves the same before the preview."""
    if not subject.installs_ifixes_only:
        return Outcome(FindingState.NOT_APPLICABLE, "No interim fix is to be installed.")
    named = named_ifixes(subject)
    if not named:
        return Outcome(FindingState.UNKNOWN, "Not known: the request names no package of an interim fix.")
    described = [ifix.package for ifix in named if ifix.package is not None]
    unable = [package.label for package in described if not package.lu_capable]
    evidence = tuple(_said(subject, ifix.file) for ifix in named if ifix.package is not None)
    if unable:
        message = f"Live Update cannot apply {', '.join(unable)}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    if len(described) < len(named):
        message = f"The packages in {subject.media} can be read once it is mounted: the plan asks them then."
        return Outcome(FindingState.NOT_APPLICABLE, message, evidence)
    labels = ", ".join(package.label for package in described)
    return Outcome(FindingState.OK, f"Live Update can apply {labels}.", evidence)


def _said(subject: Subject, file: str) -> Evidence:
    path = subject.package_paths[file]
    fact = IFIX_PACKAGE if subject.reading(IFIX_PACKAGE, path) else NIM_IFIX
    return lines_with(subject, fact, path, having=("LABEL:", "LU CAPABLE:"))


CHECK = Check(
    id="RQ-013",
    title="Interim fixes are made for Live Update",
    why="An interim fix that is not LU CAPABLE becomes active only by a reboot.",
    remedy="Choose another interim fix, or install this one in a window with a reboot.",
    see="emgr -d -e FILE -v2 prints LU CAPABLE: yes for each file",
    varies="Only where interim fixes are to be installed.",
    severity=Severity.BLOCKER,
    test=_test,
)
