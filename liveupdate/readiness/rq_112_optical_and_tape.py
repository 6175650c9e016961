"""RQ-112: no optical device and no tape drive."""

from collections.abc import Sequence

from inventory.facts.aix.adapters import ADAPTERS
from inventory.facts.aix.cdroms import CDROMS
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.tapes import TAPES
from inventory.facts.devices import Device
from liveupdate.knowledge.levels import TABLE_NAME, Feature, allows, first_level
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    discs, tapes = subject.value(CDROMS), subject.value(TAPES)
    evidence = (quoted(subject, CDROMS), quoted(subject, TAPES))
    unsupported = _unsupported(subject, tapes)
    if unsupported:
        message = f"Tape drives must go: {_named((*unsupported, *discs))}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    if discs:
        consent = Consent.REMOVE_OPTICAL_DEVICES.value
        message = f"Optical devices are configured: {_named(discs)}."
        return Outcome(FindingState.BLOCKER, message, evidence, curable=True, consent=consent)
    if tapes:
        message = (
            f"No optical device; {_named(tapes)} is attached over virtual Fibre Channel: RQ-113 decides."
        )
        return Outcome(FindingState.OK, message, (*evidence, quoted(subject, ADAPTERS)))
    return Outcome(FindingState.OK, "No optical device, no tape drive.", evidence)


def _unsupported(subject: Subject, tapes: Sequence[Device]) -> Sequence[Device]:
    """The drives that no level carries over: those of another path than NPIV, or all of them early on."""
    if not tapes or not allows(Feature.NPIV_TAPE, subject.value(OSLEVEL)):
        return tapes
    adapters = [each for each in subject.value(ADAPTERS) if "Virtual Fibre Channel" in each.description]
    places = tuple(f"{adapter.location}-" for adapter in adapters if adapter.location)
    return [tape for tape in tapes if not tape.location.startswith(places)]


def _named(devices: Sequence[Device]) -> str:
    return ", ".join(device.name for device in devices)


CHECK = Check(
    id="RQ-112",
    title="No optical device, no tape drive",
    why="Live Update does not carry optical devices and tape drives over to the surrogate.",
    remedy="rmdev -dl cd0, and take its mapping away on the Virtual I/O Server or cfgmgr brings it back. A "
    "tape drive over NPIV that only a storage agent uses needs the agent stopped first (RQ-113).",
    see="lsdev -Cc cdrom and lsdev -Cc tape print nothing",
    severity=Severity.BLOCKER,
    test=_test,
    source=f"IBM: AIX Live Update, restrictions; {TABLE_NAME}",
    varies=f"A tape drive over NPIV is left to RQ-113 from {first_level(Feature.NPIV_TAPE)} on.",
)
