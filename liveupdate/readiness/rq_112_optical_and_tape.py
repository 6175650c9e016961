"""RQ-112: no optical device and no tape drive."""

from inventory.facts.aix.cdroms import CDROMS
from inventory.facts.aix.tapes import TAPES
from liveupdate.consents import Consent
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.subject import Subject


def _test(subject: Subject) -> Outcome:
    discs, tapes = subject.value(CDROMS), subject.value(TAPES)
    evidence = (quoted(subject, CDROMS), quoted(subject, TAPES))
    if tapes:
        named = ", ".join(device.name for device in (*tapes, *discs))
        return Outcome(FindingState.BLOCKER, f"Tape drives must go: {named}.", evidence)
    if discs:
        named = ", ".join(device.name for device in discs)
        consent = Consent.REMOVE_OPTICAL_DEVICES.value
        message = f"Optical devices are configured: {named}."
        return Outcome(FindingState.BLOCKER, message, evidence, curable=True, consent=consent)
    return Outcome(FindingState.OK, "No optical device, no tape drive.", evidence)


CHECK = Check(
    id="RQ-112",
    title="No optical device, no tape drive",
    why="Live Update does not carry optical devices and tape drives over to the surrogate.",
    remedy="rmdev -dl cd0, and take its mapping away on the Virtual I/O Server or cfgmgr brings it back. A "
    "tape drive over NPIV that only a storage agent uses needs the agent stopped first (RQ-113).",
    see="lsdev -Cc cdrom and lsdev -Cc tape print nothing",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-112",
)
