"""RQ-046: RMC works between LPAR and HMC, seen from both sides."""

from itertools import pairwise

from inventory.facts.aix.rmc_status import RMC_STATUS
from inventory.facts.hmc.dlpar import DLPAR
from inventory.facts.hmc.lpars import LPARS
from inventory.facts.text import printed
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, lines_with, quoted


def _test(subject: Subject) -> Outcome:
    lpars = subject.value(LPARS, subject.managed_system)
    lpar = next((each for each in lpars if each.name == subject.partition), None)
    if lpar is None:
        message = f"{subject.hmc} knows no partition {subject.partition} on {subject.managed_system}."
        return Outcome(FindingState.BLOCKER, message, (quoted(subject, LPARS, subject.managed_system),))
    reached = [member for member in subject.value(RMC_STATUS).management if member.state == "IA"]
    connections = [
        each
        for each in subject.value(DLPAR)
        if each.lpar_id == lpar.lpar_id and each.serial == subject.managed_system_serial
    ]
    problems = []
    if not reached:
        problems.append("the LPAR's RMC reaches no HMC")
    if lpar.rmc_state != "active":
        problems.append(f"the HMC says rmc_state {lpar.rmc_state or '(blank)'}")
    if not any(each.active for each in connections):
        problems.append("the HMC has no active DLPAR connection to it")
    evidence = (
        quoted(subject, RMC_STATUS),
        lines_with(subject, LPARS, subject.managed_system, having=(subject.partition,)),
        _connection(subject, lpar.lpar_id),
    )
    if problems:
        return Outcome(FindingState.BLOCKER, f"RMC is not up: {', '.join(problems)}.", evidence)
    return Outcome(FindingState.OK, "RMC is active, seen from the LPAR and from the HMC.", evidence)


def _connection(subject: Subject, lpar_id: int) -> Evidence:
    """The two lines that lspartition prints for this partition."""
    reading = subject.reading(DLPAR)
    said = printed(reading.output.stdout) if reading else []
    own = f"Partition:<{lpar_id}*"
    pairs = [pair for pair in pairwise(said) if own in pair[0]]
    return lines_where(subject, DLPAR, keep=lambda line: any(line in pair for pair in pairs))


CHECK = Check(
    id="RQ-046",
    title="RMC between LPAR and HMC",
    why="The HMC drives the surrogate through RMC; a broken connection ends the update halfway.",
    remedy="Check name resolution and port 657 both ways; then rmcctrl -z, recfgct, rmcctrl -p. "
    "Never run recfgct on a node of an online peer domain or CAA cluster.",
    see="On the LPAR rmcdomainstatus -s ctrmc shows I A; on the HMC lspartition -dlpar shows Active:<1>",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-046",
)
