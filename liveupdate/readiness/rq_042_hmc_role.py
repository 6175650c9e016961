"""RQ-042: the HMC user of Live Update has a task role that suffices."""

from inventory.facts.hmc.hmc_user import HMC_USER
from liveupdate.lpar.console import wanted_session
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.readiness.powervc import NOT_THROUGH_HMC

SUFFICIENT = frozenset({"hmcclientliveupdate", "hmcsuperadmin"})
TOO_LITTLE = frozenset({"hmcoperator", "hmcviewer", "hmcpe", "hmcservicerep"})


def _test(subject: Subject) -> Outcome:
    if subject.through_powervc:
        return NOT_THROUGH_HMC
    name = subject.hmc_user
    user = subject.value(HMC_USER, name)
    evidence = (quoted(subject, HMC_USER, name),)
    if user is None:
        return _not_listed(subject)
    if user.disabled:
        return Outcome(FindingState.BLOCKER, f"The HMC user {name} is disabled.", evidence)
    if user.task_role in SUFFICIENT:
        return Outcome(FindingState.OK, f"{name} has the task role {user.task_role}.", evidence)
    if user.task_role in TOO_LITTLE:
        message = f"{name} has the task role {user.task_role}, which may not do what Live Update asks for."
        return Outcome(FindingState.BLOCKER, message, evidence)
    message = (
        f"{name} has the task role {user.task_role} of this site; whether it suffices shows the preview."
    )
    return Outcome(FindingState.UNKNOWN, message, evidence)


def _not_listed(subject: Subject) -> Outcome:
    """A user of a directory service is not always listed, but then can be logged on."""
    evidence = (quoted(subject, HMC_USER, subject.hmc_user),)
    message = f"{subject.hmc} lists no user {subject.hmc_user}"
    if wanted_session(subject) is None:
        return Outcome(FindingState.BLOCKER, f"{message}.", evidence)
    message = f"{message}, though the LPAR is logged on as this user: its roles are not known."
    return Outcome(FindingState.UNKNOWN, message, evidence)


CHECK = Check(
    id="RQ-042",
    title="Role of the HMC user",
    why="Live Update works on the HMC with the rights of this user; with too few it fails with HSCL350B.",
    remedy="On the HMC: chhmcusr -u USER -t taskrole -v hmcclientliveupdate. hmcsuperadmin suffices too.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-042",
    see="On the HMC: lshmcusr --filter names=USER shows taskrole=hmcclientliveupdate (or hmcsuperadmin).",
    varies="Through PowerVC the check does not apply.",
)
