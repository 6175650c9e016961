"""RQ-043: the resource role of the HMC user covers the LPAR's managed system."""

import re

from inventory.facts.hmc.hmc_user import HMC_USER
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.readiness.powervc import NOT_THROUGH_HMC

EVERYTHING = "ALL:"


def _test(subject: Subject) -> Outcome:
    if subject.through_powervc:
        return NOT_THROUGH_HMC
    user = subject.value(HMC_USER, subject.hmc_user)
    evidence = (quoted(subject, HMC_USER, subject.hmc_user),)
    if user is None:
        message = f"{subject.hmc} lists no user {subject.hmc_user}."
        return Outcome(FindingState.NOT_APPLICABLE, message, evidence)
    role = f"{user.name} has the resource role {user.resource_role or '(none)'}"
    if user.resource_role == EVERYTHING:
        return Outcome(FindingState.OK, f"{role}, which covers all systems.", evidence)
    systems = re.findall(r"cec:[^>]*?\*([A-Za-z0-9]+)", user.resources)
    if subject.managed_system_serial in systems:
        return Outcome(FindingState.OK, f"{role}, which covers {subject.managed_system}.", evidence)
    if user.resources:
        message = f"{role}, which does not cover {subject.managed_system}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    message = f"{role}, and the HMC does not say what it covers."
    return Outcome(FindingState.UNKNOWN, message, evidence)


CHECK = Check(
    id="RQ-043",
    title="Resources of the HMC user",
    why="Live Update creates and removes partitions; the HMC lets the user do that only on systems in its "
    "resource role.",
    remedy="On the HMC: chhmcusr -u USER -t resourcerole -v ALL:, or a role with this managed system.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-043",
    see="On the HMC: lshmcusr --filter names=USER shows resourcerole=ALL: or the system in resources.",
    varies="Through PowerVC the check does not apply.",
)
