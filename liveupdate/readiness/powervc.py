"""What checks on the HMC's logon share: with PowerVC nobody logs on to the HMC."""

from liveupdate.readiness.base import FindingState, Outcome

NOT_THROUGH_HMC = Outcome(
    FindingState.NOT_APPLICABLE, "The update goes through PowerVC: the LPAR does not log on to the HMC."
)
