"""RQ-072: the managed system has the LPAR's memory free a second time."""

from inventory.facts.hmc.memory_lpar import MEMORY_LPAR
from inventory.facts.hmc.memory_system import MEMORY_SYSTEM
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.subject import Subject

PAGE_TABLE_SHARE = 64


def _test(subject: Subject) -> Outcome:
    memory = subject.value(MEMORY_LPAR, subject.managed_system, subject.partition)
    free = subject.value(MEMORY_SYSTEM, subject.managed_system).available_mb
    evidence = (
        quoted(subject, MEMORY_SYSTEM, subject.managed_system),
        quoted(subject, MEMORY_LPAR, subject.managed_system, subject.partition),
    )
    page_table = -(-memory.maximum_mb // PAGE_TABLE_SHARE)
    seen = f"{subject.managed_system} has {free} MB free, and the surrogate needs {memory.current_mb} MB"
    if free < memory.current_mb:
        return Outcome(FindingState.BLOCKER, f"{seen}.", evidence)
    if free < memory.current_mb + page_table:
        message = f"{seen} and, as a rule of thumb, {page_table} MB for its page table."
        return Outcome(FindingState.WARNING, message, evidence)
    return Outcome(FindingState.OK, f"{seen}.", evidence)


CHECK = Check(
    id="RQ-072",
    title="Memory free for the surrogate",
    why="During the update original and surrogate both run, each with the LPAR's memory. The hypervisor "
    "also needs room for the surrogate's page table, up to 1/64 of its maximum memory.",
    remedy="Free memory on the managed system, lower the LPAR's memory, or activate capacity on demand.",
    see="On the HMC, curr_avail_sys_mem of lshwres -r mem --level sys covers the LPAR's own",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-072",
)
