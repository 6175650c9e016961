"""RQ-013: an interim fix must say that Live Update can apply it."""

from inventory.facts.aix.ifix_package import IFIX_PACKAGE
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with
from liveupdate.subject import Subject


def _test(subject: Subject) -> Outcome:
    """Look at each package file that was described; an update without any has nothing to test."""
    files = subject.facts.keys(IFIX_PACKAGE)
    if not files and subject.installs_ifixes_only:
        return Outcome(FindingState.UNKNOWN, "Not known: no package of the interim fixes was described yet.")
    if not files:
        return Outcome(FindingState.NOT_APPLICABLE, "No interim fix is to be installed.")
    packages = [subject.value(IFIX_PACKAGE, file) for file in files]
    unable = [package.label for package in packages if not package.lu_capable]
    evidence = tuple(
        lines_with(subject, IFIX_PACKAGE, file, having=("LABEL:", "LU CAPABLE:")) for file in files
    )
    if unable:
        message = f"Live Update cannot apply {', '.join(unable)}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    labels = ", ".join(package.label for package in packages)
    return Outcome(FindingState.OK, f"Live Update can apply {labels}.", evidence)


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
