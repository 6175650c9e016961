"""RQ-079: the LPAR is not enabled for remote restart or suspension."""

from inventory.facts.hmc.lpar_attributes import LPAR_ATTRIBUTES
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    system, partition = subject.managed_system, subject.partition
    capabilities = subject.value(LPAR_ATTRIBUTES, system, partition).capabilities
    evidence = (quoted(subject, LPAR_ATTRIBUTES, system, partition),)
    if not capabilities:
        message = f"{subject.hmc} knows neither remote restart nor suspension of {partition}."
        return Outcome(FindingState.NOT_APPLICABLE, message, evidence)
    enabled = [name for name, on in capabilities.items() if on]
    if enabled:
        message = f"{partition} is {' and '.join(enabled)}; recalled as something to ask IBM about."
        return Outcome(FindingState.WARNING, message, evidence)
    message = f"{partition} is enabled for neither remote restart nor suspension."
    return Outcome(FindingState.OK, message, evidence)


CHECK = Check(
    id="RQ-079",
    title="No remote restart, no suspension",
    why="Both keep data about the partition that a surrogate with another id does not have.",
    remedy="Ask IBM whether Live Update supports it at this level, or switch it off while the LPAR is down.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-079",
    see="On the HMC: lssyscfg -r lpar -m SYSTEM --filter lpar_names=LPAR -F remote_restart_capable,"
    "simplified_remote_restart_capable shows 0,0.",
    recalled=True,
)
