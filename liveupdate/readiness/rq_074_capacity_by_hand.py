"""RQ-074: other capacity on demand than that of an Enterprise Pool is activated by hand, before."""

from decimal import Decimal

from inventory.facts.hmc.memory_system import MEMORY_SYSTEM
from inventory.facts.hmc.processors_system import PROCESSORS_SYSTEM
from liveupdate.lpar.capacity import Fit, fit, need_of, room_on
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    system = subject.managed_system
    need = need_of(subject.facts, system, subject.partition)
    room = room_on(subject.facts, system, subject.managed_system_serial)
    evidence = (quoted(subject, MEMORY_SYSTEM, system), quoted(subject, PROCESSORS_SYSTEM, system))
    fits = (
        fit(need.memory_mb, room.free.memory_mb, 0, room.more.memory_mb),
        fit(need.cores, room.free.cores, Decimal(0), room.more.cores),
    )
    if Fit.NONE not in fits:
        message = f"No other capacity on demand is needed: {system} has room for the surrogate."
        return Outcome(FindingState.NOT_APPLICABLE, message, evidence)
    message = (
        f"{system} has no room for the surrogate, and Live Update activates nothing but Enterprise Pools by "
        "itself: On/Off, Trial or Utility capacity must be activated by hand before."
    )
    return Outcome(FindingState.WARNING, message, evidence)


CHECK = Check(
    id="RQ-074",
    title="Other capacity on demand is activated before",
    why="Live Update asks Enterprise Pools for what is missing; On/Off, Trial and Utility capacity it leaves "
    "alone.",
    remedy="Activate what the surrogate needs on the HMC (chcod) before the update, and take it back after.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-074",
    see="On the HMC: lshwres -r mem and -r proc with --level sys show room for the LPAR a second time.",
)
