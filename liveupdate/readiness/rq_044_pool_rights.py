"""RQ-044: the HMC user may read Enterprise Pools."""

from inventory.facts.base import FactMissing
from inventory.facts.hmc.cod_pools import COD_POOLS
from inventory.facts.hmc.hmc_user import HMC_USER
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.readiness.powervc import NOT_THROUGH_HMC

ROLES = frozenset({"hmcclientliveupdate", "hmcsuperadmin"})
EVERYTHING = "ALL:"
NO_AUTHORITY = "HSCL350B"


def _test(subject: Subject) -> Outcome:
    if subject.through_powervc:
        return NOT_THROUGH_HMC
    if subject.hmc_account == subject.hmc_user:
        return _asked(subject)
    user = subject.value(HMC_USER, subject.hmc_user)
    evidence = (quoted(subject, HMC_USER, subject.hmc_user),)
    if user is None:
        message = f"{subject.hmc} lists no user {subject.hmc_user}."
        return Outcome(FindingState.NOT_APPLICABLE, message, evidence)
    if user.task_role in ROLES and user.resource_role == EVERYTHING:
        message = f"{user.name} has the roles that the query of Enterprise Pools needs."
        return Outcome(FindingState.OK, message, evidence)
    message = (
        f"{user.name} (task role {user.task_role}, resource role {user.resource_role or 'none'}) may be "
        "refused the query of Enterprise Pools (HSCL350B)."
    )
    return Outcome(FindingState.WARNING, message, evidence)


def _asked(subject: Subject) -> Outcome:
    """The portal asks the HMC as the very user that Live Update takes."""
    evidence = (quoted(subject, COD_POOLS),)
    try:
        subject.value(COD_POOLS)
    except FactMissing as missing:
        if missing.reading is None or NO_AUTHORITY not in "".join(_said(missing)):
            raise
        message = f"{subject.hmc} refuses {subject.hmc_user} the query of Enterprise Pools (HSCL350B)."
        return Outcome(FindingState.WARNING, message, evidence)
    return Outcome(FindingState.OK, f"{subject.hmc_user} may read Enterprise Pools.", evidence)


def _said(missing: FactMissing) -> tuple[str, str]:
    assert missing.reading is not None
    return missing.reading.output.stdout, missing.reading.output.stderr


CHECK = Check(
    id="RQ-044",
    title="HMC user may read Enterprise Pools",
    why="Live Update asks the HMC for Enterprise Pools when it looks for capacity; a refusal (HSCL350B) has "
    "ended updates with the misleading message 1020-154.",
    remedy="Give the user the task role hmcclientliveupdate and the resource role ALL:.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-044",
    see="On the HMC, as the user of Live Update: lscodpool --level pool ends without HSCL350B.",
    varies="Through PowerVC the check does not apply.",
)
