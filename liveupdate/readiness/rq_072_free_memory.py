"""RQ-072: the managed system has the LPAR's memory free a second time."""

from inventory.facts.hmc.memory_lpar import MEMORY_LPAR
from inventory.facts.hmc.memory_system import MEMORY_SYSTEM
from liveupdate.lpar.capacity import PAGE_TABLE_SHARE, Activatable, Fit, activatable, fit
from liveupdate.lpar.subject import Subject
from liveupdate.lpar.surrogate import total
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    system = subject.managed_system
    memory = subject.value(MEMORY_LPAR, system, subject.partition)
    free = subject.value(MEMORY_SYSTEM, system).available_mb
    evidence = (
        quoted(subject, MEMORY_SYSTEM, system),
        quoted(subject, MEMORY_LPAR, system, subject.partition),
    )
    page_table = -(-memory.maximum_mb // PAGE_TABLE_SHARE)
    seen = f"{system} has {free} MB free, and the surrogate needs {memory.current_mb} MB"
    reserved = total(subject.neighbours)
    others = None if reserved is None else reserved.memory_mb
    if free < memory.current_mb:
        return _short(subject, memory.current_mb, free, seen, evidence)
    if free < memory.current_mb + page_table:
        message = f"{seen} and, as a rule of thumb, {page_table} MB for its page table."
        return Outcome(FindingState.WARNING, message, evidence)
    if fit(memory.current_mb, free, others, 0) is not Fit.FREE:
        return Outcome(FindingState.WARNING, f"{seen}; {_others(subject, others)}.", evidence)
    return Outcome(FindingState.OK, f"{seen}.", evidence)


def _short(subject: Subject, needed: int, free: int, seen: str, evidence: tuple[Evidence, ...]) -> Outcome:
    more = activatable(subject.facts, subject.managed_system, subject.managed_system_serial)
    if fit(needed, free, 0, more.memory_mb) is Fit.BY_POOL:
        message = f"{seen}; Live Update activates what is missing from the Enterprise Pool {more.pool}."
        return Outcome(FindingState.WARNING, message, evidence)
    return Outcome(FindingState.BLOCKER, f"{seen}{_pools(more)}.", evidence)


def _others(subject: Subject, memory_mb: int | None) -> str:
    names = ", ".join(each.holder for each in subject.neighbours)
    much = "an unknown part" if memory_mb is None else f"{memory_mb} MB"
    return f"of it, {much} is reserved for {names}, so that one waits for the other"


def _pools(more: Activatable) -> str:
    return "; Enterprise Pools could not be asked for more" if more.memory_mb is None else ""


CHECK = Check(
    id="RQ-072",
    title="Memory free for the surrogate",
    why="During the update original and surrogate both run, each with the LPAR's memory. The hypervisor "
    "also needs room for the surrogate's page table, up to 1/64 of its maximum memory.",
    remedy="Free memory on the managed system, lower the LPAR's memory (down to half of it by DLPAR), or "
    "activate capacity on demand.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-072",
    see="On the HMC: lshwres -r mem -m SYSTEM --level sys shows curr_avail_sys_mem of at least the LPAR's "
    "curr_mem of lshwres -r mem -m SYSTEM --level lpar.",
    varies="A warning where an Enterprise Pool fills the gap, where only the page table may lack room, and "
    "where only other plans take what is free.",
)
