"""RQ-147: auditing must not be set up for a workload partition that is stopped."""

from inventory.facts.aix.audit_query import AUDIT_QUERY
from inventory.facts.aix.audit_wpars import AUDIT_WPARS, STANZA
from inventory.facts.aix.wpars import WPARS
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

ACTIVE = "A"


def _test(subject: Subject) -> Outcome:
    """RQ-160 wants all of them stopped during the update, so an active one counts as well."""
    wpars = subject.value(WPARS)
    if not wpars:
        message = "There is no workload partition."
        return Outcome(FindingState.NOT_APPLICABLE, message, (quoted(subject, WPARS),))
    audited = [wpar for wpar in wpars if wpar.name in subject.value(AUDIT_WPARS, STANZA)]
    evidence: tuple[Evidence, ...] = (quoted(subject, WPARS), quoted(subject, AUDIT_WPARS, STANZA))
    if not audited:
        return Outcome(FindingState.OK, "No workload partition is audited.", evidence)
    names = ", ".join(wpar.name for wpar in audited)
    evidence = (*evidence, quoted(subject, AUDIT_QUERY))
    if not subject.value(AUDIT_QUERY):
        return Outcome(FindingState.OK, f"Auditing of {names} is set up, but auditing is off.", evidence)
    stopped = ", ".join(wpar.name for wpar in audited if wpar.state != ACTIVE)
    if stopped:
        return Outcome(FindingState.BLOCKER, f"Stopped workload partitions are audited: {stopped}.", evidence)
    message = f"{names} is audited, and must be stopped for the update."
    return Outcome(FindingState.WARNING, message, evidence)


CHECK = Check(
    id="RQ-147",
    title="No stopped workload partition is audited",
    why="Live Update fails when auditing is enabled for a workload partition that does not run.",
    remedy="Take it out of the WPARS stanza of /etc/security/audit/config and restart auditing, or shut "
    "auditing down for the update: audit shutdown",
    see="grep -p '^WPARS:' /etc/security/audit/config names no WPAR that lswpar shows in state D",
    severity=Severity.BLOCKER,
    settled_by_preview=True,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
)
