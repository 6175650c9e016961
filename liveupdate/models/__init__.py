"""From a request to the record of its run."""

from liveupdate.models.acceptances import StaleAcceptance
from liveupdate.models.agents import Agent
from liveupdate.models.answers import GivenAnswer
from liveupdate.models.campaigns import Campaign, CampaignSign, CampaignTarget
from liveupdate.models.comments import Comment
from liveupdate.models.diagnoses import StoredDiagnosis
from liveupdate.models.drifts import FoundDrift
from liveupdate.models.emergencies import Emergency
from liveupdate.models.findings import StoredFinding
from liveupdate.models.leftovers import Leftover
from liveupdate.models.notices import MailChoice, Notice
from liveupdate.models.periods import CalendarFeed, StoredPeriod
from liveupdate.models.policies import Delegation, PolicyVersion
from liveupdate.models.refreshes import Refresh
from liveupdate.models.reports import ReportSchedule, StoredReport
from liveupdate.models.requests import Approval, Plan, Request
from liveupdate.models.reservations import DiskReservation
from liveupdate.models.reviews import AccessReview, DeadlineVersion
from liveupdate.models.runs import OutputChunk, Run, RunCommand, RunEvent, RunStep
from liveupdate.models.schedules import RefreshSchedule
from liveupdate.models.sign_offs import SignOff
from liveupdate.models.snapshots import OutsideChange, SeenDay, Snapshot
from liveupdate.models.standard_changes import StandardChange

__all__ = [
    "AccessReview",
    "Agent",
    "Approval",
    "CalendarFeed",
    "Campaign",
    "CampaignSign",
    "CampaignTarget",
    "Comment",
    "DeadlineVersion",
    "Delegation",
    "DiskReservation",
    "Emergency",
    "FoundDrift",
    "GivenAnswer",
    "Leftover",
    "MailChoice",
    "Notice",
    "OutputChunk",
    "OutsideChange",
    "Plan",
    "PolicyVersion",
    "Refresh",
    "RefreshSchedule",
    "ReportSchedule",
    "Request",
    "Run",
    "RunCommand",
    "RunEvent",
    "RunStep",
    "SeenDay",
    "SignOff",
    "Snapshot",
    "StaleAcceptance",
    "StandardChange",
    "StoredDiagnosis",
    "StoredFinding",
    "StoredPeriod",
    "StoredReport",
]
