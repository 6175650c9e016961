"""RQ-141: interim fixes may be applied with Trusted Execution on, if these policies are off."""

from inventory.facts.aix.trustchk import TRUSTCHK
from liveupdate.knowledge.trusted_execution import NEEDED, against_ifixes
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where

SHOWN = tuple(f"{policy}=" for policy in ("TE", *NEEDED, "LOCK_KERN_POLICIES"))


def _test(subject: Subject) -> Outcome:
    """Only for interim fixes alone; with Trusted Execution off the other policies have no effect."""
    if not subject.installs_ifixes_only:
        message = "An update needs Trusted Execution off altogether: RQ-140."
        return Outcome(FindingState.NOT_APPLICABLE, message)
    policies = subject.value(TRUSTCHK)
    evidence = (lines_where(subject, TRUSTCHK, keep=lambda line: line.strip().upper().startswith(SHOWN)),)
    if policies["TE"] == "OFF":
        return Outcome(FindingState.OK, "Trusted Execution is off.", evidence)
    silent = [policy for policy in NEEDED if policy not in policies]
    if silent:
        message = f"Not known: trustchk does not say how {', '.join(silent)} is set."
        return Outcome(FindingState.UNKNOWN, message, evidence)
    against = against_ifixes(policies).values()
    if not against:
        message = "Trusted Execution is on, without a policy that stops a Live Update of interim fixes."
        return Outcome(FindingState.OK, message, evidence)
    message = f"Trusted Execution is on with {', '.join(against)}."
    if policies.get("LOCK_KERN_POLICIES") == "ON":
        message = f"{message} Its policies are locked until the next reboot."
        return Outcome(FindingState.BLOCKER, message, evidence)
    consent = Consent.TRUSTED_EXECUTION_OFF.value
    return Outcome(FindingState.BLOCKER, message, evidence, curable=True, consent=consent)


CHECK = Check(
    id="RQ-141",
    title="Trusted Execution's policies allow interim fixes",
    why="Live Update applies interim fixes with Trusted Execution on only without trusted paths, without "
    "locked files, and without stopping untrusted libraries.",
    remedy="Turn the policies named off for the update (trustchk -p tep=off), and back on after it.",
    see="trustchk -p shows TEP=OFF, TLP=OFF, TSD_FILES_LOCK=OFF, and not both CHKSHLIB=ON and "
    "STOP_UNTRUSTD=ON",
    varies="Only for procedures that install interim fixes alone; for updates RQ-140 holds.",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
)
