"""RQ-024: where disks are driven by SDDPCM, it must know Live Update."""

from liveupdate.knowledge.levels import TABLE_NAME, Software, minimum
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.filesets import listed, starting_with, version, with_levels
from liveupdate.subject import Subject

PREFIX = "devices.sddpcm"


def _test(subject: Subject) -> Outcome:
    """Compare each of its filesets with the least level."""
    found = starting_with(subject, PREFIX)
    evidence = (listed(subject, found),)
    if not found:
        return Outcome(FindingState.NOT_APPLICABLE, "SDDPCM is not installed.", evidence)
    wanted = minimum(Software.SDDPCM)
    old = [each for each in found if not wanted.met_by(version(subject, each))]
    if old:
        message = f"Older than {wanted.level}, the level recalled ({TABLE_NAME}): {with_levels(old)}."
        return Outcome(FindingState.WARNING, f"{message} Verify it.", evidence)
    message = f"At the recalled {wanted.level} or above ({TABLE_NAME}): {with_levels(found)}."
    return Outcome(FindingState.OK, message, evidence)


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
