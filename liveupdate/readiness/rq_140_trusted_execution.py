"""RQ-140: Trusted Execution must be off while an update is applied."""

from inventory.facts.aix.trustchk import TRUSTCHK
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where

SHOWN = ("TE=", "LOCK_KERN_POLICIES=")


def _test(subject: Subject) -> Outcome:
    """Look at TE, and at the lock that would keep it from being turned off."""
    if subject.installs_ifixes_only:
        message = "Interim fixes alone go with Trusted Execution on, under the policies of RQ-141."
        return Outcome(FindingState.NOT_APPLICABLE, message)
    policies = subject.value(TRUSTCHK)
    evidence = (lines_where(subject, TRUSTCHK, keep=lambda line: line.strip().upper().startswith(SHOWN)),)
    if policies["TE"] == "OFF":
        return Outcome(FindingState.OK, "Trusted Execution is off.", evidence)
    if policies.get("LOCK_KERN_POLICIES") == "ON":
        message = "Trusted Execution is on, and its policies are locked until the next reboot."
        return Outcome(FindingState.BLOCKER, message, evidence)
    return Outcome(
        FindingState.BLOCKER,
        "Trusted Execution is on.",
        evidence,
        curable=True,
        consent=Consent.TRUSTED_EXECUTION_OFF,
    )


CHECK = Check(
    id="RQ-140",
    title="Trusted Execution is off",
    why="Trusted Execution stops the files that an update replaces.",
    remedy="Turn it off for the update, and on again after it: trustchk -p te=off",
    see="trustchk -p shows TE=OFF",
    varies="Only where a technology level or service pack is to be installed; for ifixes RQ-141 holds.",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
)
