"""RQ-026: where PowerSC is installed, it must know Live Update."""

from liveupdate.knowledge.levels import TABLE_NAME, Software, minimum
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.filesets import listed, starting_with, version, with_levels
from liveupdate.subject import Subject

PREFIX = "powerscStd"


def _test(subject: Subject) -> Outcome:
    """Compare each of its filesets with the least level."""
    found = starting_with(subject, PREFIX)
    evidence = (listed(subject, found),)
    if not found:
        return Outcome(FindingState.NOT_APPLICABLE, "PowerSC is not installed.", evidence)
    wanted = minimum(Software.POWERSC)
    old = [each for each in found if not wanted.met_by(version(subject, each))]
    if old:
        message = f"Older than {wanted.level}, the level recalled ({TABLE_NAME}): {with_levels(old)}."
        return Outcome(FindingState.WARNING, f"{message} Verify it.", evidence)
    message = f"At the recalled {wanted.level} or above ({TABLE_NAME}): {with_levels(found)}."
    return Outcome(FindingState.OK, message, evidence)


CHECK = Check(
    id="RQ-026",
    title="PowerSC is recent enough",
    why="Earlier versions do not follow the workload to the surrogate.",
    remedy="Update PowerSC.",
    see="lslpp -Lqc 'powerscStd*' shows 1.1.4.0 or above, or nothing is installed",
    severity=Severity.WARNING,
    varies="Applies where PowerSC is installed.",
    test=_test,
    source=TABLE_NAME,
    recalled=True,
)
