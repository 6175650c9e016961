"""RQ-071: the managed system has the LPAR's processors free a second time."""

from inventory.facts.hmc.processors_lpar import PROCESSORS_LPAR
from inventory.facts.hmc.processors_system import PROCESSORS_SYSTEM
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.subject import Subject


def _test(subject: Subject) -> Outcome:
    needed = subject.value(PROCESSORS_LPAR, subject.managed_system, subject.partition).cores
    free = subject.value(PROCESSORS_SYSTEM, subject.managed_system).available
    evidence = (
        quoted(subject, PROCESSORS_SYSTEM, subject.managed_system),
        quoted(subject, PROCESSORS_LPAR, subject.managed_system, subject.partition),
    )
    seen = f"{subject.managed_system} has {free} cores free, and the surrogate needs {needed}"
    if free < needed:
        return Outcome(FindingState.BLOCKER, f"{seen}.", evidence)
    return Outcome(FindingState.OK, f"{seen}.", evidence)


CHECK = Check(
    id="RQ-071",
    title="Processors free for the surrogate",
    why="During the update original and surrogate both run, each with the LPAR's entitlement.",
    remedy="Free processors on the managed system, lower the LPAR's entitlement, or activate capacity on "
    "demand; from 7200-03, cpu_reduction = yes lets the two share.",
    see="On the HMC, curr_avail_sys_proc_units of lshwres -r proc --level sys covers the LPAR's own",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-071",
)
