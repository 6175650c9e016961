"""RQ-012: installed interim fixes lock the filesets that an update wants to replace."""

from inventory.facts.aix.emgr_packages import EMGR_PACKAGES
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    """Look for locked filesets; one interim fix may lock several."""
    if subject.rehearses:
        return Outcome(FindingState.NOT_APPLICABLE, "A rehearsal installs nothing.")
    if subject.installs_ifixes_only:
        message = "Only interim fixes are to be installed: no fileset is replaced that others lock."
        return Outcome(FindingState.NOT_APPLICABLE, message)
    labels = tuple(dict.fromkeys(locked.label for locked in subject.value(EMGR_PACKAGES)))
    evidence = (quoted(subject, EMGR_PACKAGES),)
    if not labels:
        return Outcome(FindingState.OK, "No interim fix locks a fileset.", evidence)
    return Outcome(
        FindingState.BLOCKER,
        f"Interim fixes lock filesets: {', '.join(labels)}.",
        evidence,
        curable=True,
        consent=Consent.REMOVE_IFIXES,
    )


CHECK = Check(
    id="RQ-012",
    title="No interim fix locks filesets",
    why="An update fails on filesets that an interim fix locks. Only where the fix refers to APARs that the "
    "media hold does installp remove it by itself; which those are shows when they are mounted.",
    remedy="Remove each: emgr -r -L LABEL, the last installed first.",
    see="emgr -P prints: There is no efix data on this system.",
    varies="Only where a technology level or service pack is to be installed.",
    severity=Severity.BLOCKER,
    test=_test,
)
