"""RQ-032: the LPAR must run from disks of its own, not as a diskless or dataless client."""

from inventory.facts.aix.lsvg import LSVG
from inventory.facts.aix.niminfo import NIMINFO
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with

OF_A_SERVER = frozenset({"diskless", "dataless"})


def _test(subject: Subject) -> Outcome:
    """Ask NIM's file what the LPAR is, and see that there is a rootvg."""
    niminfo = subject.value(NIMINFO)
    subject.value(LSVG, "rootvg")
    evidence = (
        lines_with(subject, NIMINFO, having=("NIM_CONFIGURATION", "niminfo")),
        lines_with(subject, LSVG, "rootvg", having=("VOLUME GROUP",)),
    )
    if niminfo is not None and niminfo.configuration in OF_A_SERVER:
        message = f"The LPAR is a {niminfo.configuration} client: its system lies on a server."
        return Outcome(FindingState.BLOCKER, message, evidence)
    kind = niminfo.configuration if niminfo else ""
    said = f", and NIM knows it as {kind}" if kind else ""
    return Outcome(FindingState.OK, f"The LPAR has a rootvg of its own{said}.", evidence)


CHECK = Check(
    id="RQ-032",
    title="The LPAR runs from its own disks",
    why="Live Update copies rootvg; a client that is served its system over the network has none.",
    remedy="Update the system on its server.",
    see="lsvg rootvg answers; grep NIM_CONFIGURATION /etc/niminfo shows standalone, if there is such a file",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
    settled_by_preview=True,
)
