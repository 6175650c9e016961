"""RQ-004: Live Update comes with its own fileset."""

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Outcome, Severity
from liveupdate.readiness.filesets import required


def _test(subject: Subject) -> Outcome:
    """Look for the fileset."""
    return required(subject, "bos.liveupdate.rte")


CHECK = Check(
    id="RQ-004",
    title="bos.liveupdate.rte is installed",
    why="It holds Live Update itself.",
    remedy="Install bos.liveupdate from the AIX media: geninstall -acgXY -d MEDIA bos.liveupdate",
    see="lslpp -Lqc bos.liveupdate.rte prints a line whose sixth field is C or A",
    severity=Severity.BLOCKER,
    test=_test,
    source="",
)
