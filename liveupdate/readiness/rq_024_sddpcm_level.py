"""RQ-024: where disks are driven by SDDPCM, it must know Live Update."""

from liveupdate.knowledge.levels import TABLE_NAME, Software
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Outcome, Severity
from liveupdate.readiness.filesets import recalled_minimum


def _test(subject: Subject) -> Outcome:
    """Compare each of its filesets with the least level."""
    return recalled_minimum(subject, "SDDPCM", "devices.sddpcm", Software.SDDPCM)


CHECK = Check(
    id="RQ-024",
    title="SDDPCM is recent enough",
    why="The path control module must let the disks go to the surrogate.",
    remedy="Update SDDPCM, or move the disks to AIX's own path control module (AIXPCM).",
    see="lslpp -Lqc 'devices.sddpcm*' shows 2.6.7.0 or above, or nothing is installed",
    severity=Severity.WARNING,
    varies="Applies where SDDPCM is installed.",
    test=_test,
    source=TABLE_NAME,
    recalled=True,
)
