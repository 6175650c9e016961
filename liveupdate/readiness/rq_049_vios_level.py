"""RQ-049: every Virtual I/O Server that serves the LPAR is at a level that knows Live Update."""

from inventory.facts.hmc.vios_level import VIOS_LEVEL
from inventory.facts.level import vrmf
from inventory.serving import serving_vioses
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

WITH_HMC = "2.2.3.50"
WITH_POWERVC = "2.2.6.0"


def _test(subject: Subject) -> Outcome:
    system = subject.managed_system
    vioses = sorted(serving_vioses(subject.facts, system, subject.partition))
    if not vioses:
        message = f"No VIOS serves SCSI or Fibre Channel to {subject.partition}."
        return Outcome(FindingState.NOT_APPLICABLE, message)
    needed = WITH_POWERVC if subject.through_powervc else WITH_HMC
    levels = {vios: subject.value(VIOS_LEVEL, system, vios) for vios in vioses}
    evidence = tuple(quoted(subject, VIOS_LEVEL, system, vios) for vios in vioses)
    said = ", ".join(f"{vios} {level}" for vios, level in levels.items())
    if any(vrmf(level) < vrmf(needed) for level in levels.values()):
        message = f"VIOS levels: {said}; {needed} is recalled as the oldest that will do."
        return Outcome(FindingState.WARNING, message, evidence)
    return Outcome(FindingState.OK, f"VIOS levels: {said}.", evidence)


CHECK = Check(
    id="RQ-049",
    title="Level of the Virtual I/O Servers",
    why="Live Update maps the LPAR's devices to the surrogate on each VIOS; old ones cannot.",
    remedy="Update the Virtual I/O Servers, one after the other.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-049",
    see='On the HMC: viosvrcmd -m SYSTEM -p VIOS -c "ioslevel" shows 2.2.3.50 or newer for each VIOS.',
    varies="With PowerVC, 2.2.6.0 is needed.",
    recalled=True,
)
