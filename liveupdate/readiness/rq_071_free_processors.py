"""RQ-071: the managed system has the LPAR's processors free a second time."""

from decimal import Decimal

from inventory.facts.hmc.processors_lpar import PROCESSORS_LPAR
from inventory.facts.hmc.processors_system import PROCESSORS_SYSTEM
from liveupdate.lpar.capacity import Activatable, Fit, activatable, fit, reduces_processors
from liveupdate.lpar.subject import Subject
from liveupdate.lpar.surrogate import total
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    system = subject.managed_system
    needed = subject.value(PROCESSORS_LPAR, system, subject.partition).cores
    free = subject.value(PROCESSORS_SYSTEM, system).available
    evidence = (
        quoted(subject, PROCESSORS_SYSTEM, system),
        quoted(subject, PROCESSORS_LPAR, system, subject.partition),
    )
    seen = f"{system} has {free} cores free, and the surrogate needs {needed}"
    reserved = total(subject.neighbours)
    others = None if reserved is None else reserved.cores
    if free >= needed:
        if fit(needed, free, others, 0) is Fit.FREE:
            return Outcome(FindingState.OK, f"{seen}.", evidence)
        return Outcome(FindingState.WARNING, f"{seen}; {_others(subject, others)}.", evidence)
    more = activatable(subject.facts, system, subject.managed_system_serial)
    if fit(needed, free, others, more.cores) is Fit.BY_POOL:
        message = f"{seen}; Live Update activates the missing ones from the Enterprise Pool {more.pool}."
        return Outcome(FindingState.WARNING, message, evidence)
    if reduces_processors(subject):
        message = f"{seen}; with cpu_reduction = yes in lvupdate.data Live Update tries to do with less."
        return Outcome(FindingState.WARNING, message, evidence)
    return Outcome(FindingState.BLOCKER, f"{seen}{_pools(more)}.", evidence)


def _others(subject: Subject, cores: Decimal | None) -> str:
    names = ", ".join(each.holder for each in subject.neighbours)
    much = "an unknown number" if cores is None else f"{cores}"
    return f"of these, {much} are reserved for {names}, so that one waits for the other"


def _pools(more: Activatable) -> str:
    return "; Enterprise Pools could not be asked for more" if more.cores is None else ""


CHECK = Check(
    id="RQ-071",
    title="Processors free for the surrogate",
    why="During the update original and surrogate both run, each with the LPAR's entitlement.",
    remedy="Free processors on the managed system, lower the LPAR's entitlement (down to half by DLPAR), or "
    "activate capacity on demand; from 7200-03, cpu_reduction = yes lets the two share.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-071",
    see="On the HMC: lshwres -r proc -m SYSTEM --level sys shows curr_avail_sys_proc_units of at least the "
    "LPAR's curr_proc_units (dedicated: curr_procs) of lshwres -r proc -m SYSTEM --level lpar.",
    varies="A warning where an Enterprise Pool fills the gap, with cpu_reduction = yes from 7200-03, and "
    "where only other plans take what is free.",
)
