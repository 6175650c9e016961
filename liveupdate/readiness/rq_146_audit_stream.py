"""RQ-146: before AIX 7300-03, auditing must not run in stream mode."""

from inventory.facts.aix.audit_config import AUDIT_CONFIG
from inventory.facts.aix.audit_query import AUDIT_QUERY
from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import TABLE_NAME, Feature, allows
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted


def _test(subject: Subject) -> Outcome:
    """Below 7300-03, look whether auditing runs, and if so in which mode."""
    level = subject.value(OSLEVEL)
    if allows(Feature.AUDIT_STREAM, level):
        message = f"AIX {level} allows auditing in stream mode."
        return Outcome(FindingState.NOT_APPLICABLE, message, (quoted(subject, OSLEVEL),))
    if not subject.value(AUDIT_QUERY):
        return Outcome(FindingState.OK, "Auditing is off.", (quoted(subject, AUDIT_QUERY),))
    stream = subject.value(AUDIT_CONFIG).streammode
    evidence = (
        lines_with(subject, AUDIT_QUERY, having=("auditing",)),
        lines_with(subject, AUDIT_CONFIG, having=("mode",)),
    )
    if not stream:
        return Outcome(FindingState.OK, "Auditing is on, without stream mode.", evidence)
    return Outcome(
        FindingState.BLOCKER,
        "Auditing runs in stream mode.",
        evidence,
        curable=True,
        consent=Consent.AUDIT_OFF,
    )


CHECK = Check(
    id="RQ-146",
    title="Auditing does not run in stream mode",
    why="Before AIX 7300-03 the update ends with 1430-143: audit in stream mode is not supported.",
    remedy="Stop auditing for the update: audit shutdown",
    see="audit query shows auditing off, or /etc/security/audit/config has streammode = off",
    varies="Nothing to test from AIX 7300-03 on.",
    severity=Severity.BLOCKER,
    test=_test,
    source=f"IBM: message 1430-143; {TABLE_NAME}",
)
