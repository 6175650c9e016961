"""RQ-016: filesets that are only applied make it unclear what an update could be rolled back to."""

from inventory.facts.aix.lslpp import LSLPP
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with

NAMED = 5


def _test(subject: Subject) -> Outcome:
    """Look for the state letter A."""
    if subject.rehearses:
        return Outcome(FindingState.NOT_APPLICABLE, "A rehearsal installs nothing.")
    if subject.installs_ifixes_only:
        message = "Only interim fixes are to be installed; filesets stay as they are."
        return Outcome(FindingState.NOT_APPLICABLE, message)
    applied = [fileset.name for fileset in subject.value(LSLPP) if fileset.state == "A"]
    evidence = (lines_with(subject, LSLPP, having=tuple(f":{name}:" for name in applied)),)
    if not applied:
        return Outcome(FindingState.OK, "Every fileset is committed.", evidence)
    named = ", ".join(applied[:NAMED]) + (", …" if len(applied) > NAMED else "")
    return Outcome(
        FindingState.WARNING,
        f"Applied but not committed, {len(applied)} in number: {named}.",
        evidence,
        curable=True,
        consent=Consent.COMMIT_FILESETS,
    )


CHECK = Check(
    id="RQ-016",
    title="All filesets are committed",
    why="Live Update commits what it installs; what was only applied before cannot be told from it.",
    remedy="Commit them: installp -c ALL. They cannot be rejected after that.",
    see="lslpp -Lqc shows C in the sixth field of each AIX fileset, nowhere A",
    varies="Only where a technology level or service pack is to be installed.",
    severity=Severity.WARNING,
    test=_test,
)
