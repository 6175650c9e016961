"""RQ-025: multipath software of other vendors needs their word."""

from dataclasses import replace

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity, answered
from liveupdate.readiness.filesets import listed, starting_with, with_levels

PREFIXES = ("EMC", "HDLM", "DLManager", "VRTS")


def _test(subject: Subject) -> Outcome:
    """Look for the vendors' filesets; where there are any, a person must have the vendor's word."""
    found = starting_with(subject, *PREFIXES)
    evidence = (listed(subject, found),)
    if not found:
        message = "Nothing of PowerPath, HDLM or Veritas is installed."
        return Outcome(FindingState.NOT_APPLICABLE, message, evidence)
    software = with_levels(found)
    if "RQ-025" not in subject.answers:
        message = f"Installed: {software}. Nobody has said whether the vendor supports Live Update."
        return Outcome(FindingState.WARNING, message, evidence)
    said = answered(subject, "RQ-025", met=f"Supported with Live Update: {software}.", open_question="")
    return replace(said, evidence=evidence)


CHECK = Check(
    id="RQ-025",
    title="Multipath software of other vendors supports Live Update",
    why="The surrogate finds its disks anew; path software that AIX does not bring may not follow.",
    remedy="Get the vendor's statement for the installed version, or move the disks to AIXPCM.",
    see="lslpp -Lc | egrep 'EMC|HDLM|DLManager|VRTS' shows nothing",
    severity=Severity.WARNING,
    varies="Applies where such software is installed.",
    test=_test,
    source="Practice of AIX administration",
    recalled=True,
    question="Does the vendor support Live Update with the installed version of its multipath software?",
)
