"""RQ-050: the password of the HMC user does not run out."""

from inventory.facts.hmc.hmc_user import HMC_USER
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.readiness.powervc import NOT_THROUGH_HMC

FOR_EVER = 99999


def _test(subject: Subject) -> Outcome:
    if subject.through_powervc:
        return NOT_THROUGH_HMC
    user = subject.value(HMC_USER, subject.hmc_user)
    evidence = (quoted(subject, HMC_USER, subject.hmc_user),)
    if user is None:
        message = f"{subject.hmc} lists no user {subject.hmc_user}."
        return Outcome(FindingState.NOT_APPLICABLE, message, evidence)
    if user.authentication not in ("", "local"):
        message = f"The password of {user.name} is kept by {user.authentication}, not by the HMC."
        return Outcome(FindingState.NOT_APPLICABLE, message, evidence)
    if user.password_days is None:
        message = f"The HMC does not say for how long the password of {user.name} is good."
        return Outcome(FindingState.UNKNOWN, message, evidence)
    if user.password_days >= FOR_EVER:
        return Outcome(FindingState.OK, f"The password of {user.name} never expires.", evidence)
    message = (
        f"The password of {user.name} expires {user.password_days} days after it was set, and the HMC does "
        "not say when that was."
    )
    return Outcome(FindingState.WARNING, message, evidence)


CHECK = Check(
    id="RQ-050",
    title="Password of the HMC user",
    why="With an expired password the LPAR cannot log on to the HMC, and after a few attempts the user is "
    "locked.",
    remedy="Change the password on the HMC and in the portal's credential; for a user of Live Update alone, "
    "chhmcusr -u USER -t pwage -v 99999.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-050",
    see="On the HMC: lshmcusr --filter names=USER -F name,pwage shows 99999.",
    varies="Through PowerVC the check does not apply.",
)
