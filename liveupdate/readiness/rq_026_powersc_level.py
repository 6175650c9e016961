"""RQ-026: where PowerSC is installed, it must know Live Update."""

from liveupdate.knowledge.levels import TABLE_NAME, Software
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Outcome, Severity
from liveupdate.readiness.filesets import recalled_minimum


def _test(subject: Subject) -> Outcome:
    """Compare each of its filesets with the least level."""
    return recalled_minimum(subject, "PowerSC", "powerscStd", Software.POWERSC)


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
