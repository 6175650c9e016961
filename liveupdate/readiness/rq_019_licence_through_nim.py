"""RQ-019: at some levels NIM does not hand the acceptance of licences on to Live Update (P4)."""

from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import TABLE_NAME, Defect, hit_by
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    """Only NIM's own script leaves -Y out; the local procedure always gives it."""
    if not subject.procedure.startswith("nim_"):
        return Outcome(FindingState.NOT_APPLICABLE, "The update is not run by NIM; geninstall is given -Y.")
    if subject.installs_before:
        return Outcome(FindingState.NOT_APPLICABLE, "NIM installs with accept_licenses=yes, not live.")
    if subject.installs_ifixes_only:
        return Outcome(FindingState.NOT_APPLICABLE, "Interim fixes have no licences to accept.")
    level = subject.value(OSLEVEL)
    evidence = (quoted(subject, OSLEVEL),)
    hit = hit_by(Defect.LICENCE_THROUGH_NIM, level)
    if hit is None:
        message = f"At {level} NIM hands the acceptance of licences on ({TABLE_NAME})."
        return Outcome(FindingState.OK, message, evidence)
    message = f"At {level} NIM does not hand the acceptance of licences on; {hit.apar} repairs it"
    return Outcome(
        FindingState.BLOCKER,
        f"{message} from {hit.before} on ({TABLE_NAME}).",
        evidence,
        curable=True,
        consent=Consent.EDIT_NIM_METHOD,
    )


CHECK = Check(
    id="RQ-019",
    title="NIM accepts licences for the update",
    why="NIM's script on the LPAR starts geninstall without -Y, and the update stops at the licence.",
    remedy="Run it locally, or install the APAR first. Or let the plan change c_cust_lku on the LPAR, near "
    "line 892: it adds -Y to geninstall_cmd, and puts the original back afterwards.",
    see="oslevel -s shows 7200-01-05-1845, 7200-02-03-1845, 7200-03 or above",
    severity=Severity.BLOCKER,
    varies="Applies to updates run by NIM only, at 7200-01 and 7200-02 below the repaired service packs.",
    test=_test,
    source=f"APARs IJ02913, IJ08917, IJ05198; {TABLE_NAME}",
)
