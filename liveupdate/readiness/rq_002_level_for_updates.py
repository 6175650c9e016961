"""RQ-002: technology levels and service packs need AIX 7200-01 to be applied by Live Update."""

from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import TABLE_NAME, Feature, allows, first_level
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    """Compare the installed level with the first that takes service packs live."""
    if subject.rehearses:
        return Outcome(FindingState.NOT_APPLICABLE, "A rehearsal installs nothing.")
    if subject.installs_ifixes_only:
        return Outcome(FindingState.NOT_APPLICABLE, "Only interim fixes are to be installed.")
    level = subject.value(OSLEVEL)
    evidence = (quoted(subject, OSLEVEL),)
    if not allows(Feature.SERVICE_PACKS, level):
        first = first_level(Feature.SERVICE_PACKS)
        message = f"AIX is at {level}; below {first} only interim fixes can be applied live ({TABLE_NAME})."
        return Outcome(FindingState.BLOCKER, message, evidence)
    return Outcome(FindingState.OK, f"AIX {level} takes service packs by Live Update.", evidence)


CHECK = Check(
    id="RQ-002",
    title="AIX 7200-01 or later for service packs",
    why="Before technology level 1 of AIX 7.2, Live Update applied interim fixes only.",
    remedy="Update this LPAR the classic way, with a reboot.",
    see="oslevel -s prints 7200-01-… or a later level",
    varies="Only where a technology level or service pack is to be installed.",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, overview",
)
