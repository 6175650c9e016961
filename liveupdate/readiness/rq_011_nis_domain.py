"""RQ-011: with the NIS client installed, `domainname` must work, or a notification script fails."""

from inventory.facts.aix.domainname import DOMAINNAME
from inventory.facts.aix.lslpp import LSLPP
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted
from liveupdate.readiness.filesets import installed

FILESET = "bos.net.nis.client"


def _test(subject: Subject) -> Outcome:
    """Without the NIS client there is nothing to fail; with it, ask for the domain."""
    listed = lines_with(subject, LSLPP, having=(f":{FILESET}:",))
    if installed(subject, FILESET) is None:
        return Outcome(FindingState.OK, f"{FILESET} is not installed.", (listed,))
    domain = subject.value(DOMAINNAME)
    evidence = (listed, quoted(subject, DOMAINNAME))
    if domain.status == 0 and domain.name:
        return Outcome(FindingState.OK, f"The NIS domain is {domain.name}.", evidence)
    message = f"{FILESET} is installed, but no NIS domain is set (domainname ends with {domain.status})."
    return Outcome(FindingState.BLOCKER, message, evidence)


CHECK = Check(
    id="RQ-011",
    title="domainname works",
    why="A notification script runs domainname; where it fails, so does the Live Update.",
    remedy=f"Remove the unused NIS client: installp -ug {FILESET}",
    see="domainname; echo $? ends with 0, or lslpp -w /usr/bin/domainname finds no fileset",
    severity=Severity.BLOCKER,
    test=_test,
)
