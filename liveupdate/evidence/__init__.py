"""What a verification of the ledger compares with it: every row that a page shows as a record.

Adding a comparison is adding it to `COMPARED`.
"""

from liveupdate.evidence.campaigns import CampaignPlaces, CampaignSigns, CampaignStates, CampaignWishes
from liveupdate.evidence.commands import CommandEnds, CommandIntents
from liveupdate.evidence.comments import Comments
from liveupdate.evidence.control import Delegations, Emergencies, PolicyVersions, StandardChanges
from liveupdate.evidence.decisions import Decisions
from liveupdate.evidence.drifts import Drifts
from liveupdate.evidence.output import OutputComparison
from liveupdate.evidence.periods import Periods
from liveupdate.evidence.plans import Plans
from liveupdate.evidence.reports import ReportPdfs, Reports
from liveupdate.evidence.runs import RunEnds, RunStarts
from liveupdate.evidence.wishes import Wishes

COMPARED = (
    PolicyVersions,
    Delegations,
    StandardChanges,
    Emergencies,
    Wishes,
    Comments,
    Plans,
    Decisions,
    Periods,
    Drifts,
    RunStarts,
    RunEnds,
    CommandIntents,
    CommandEnds,
    OutputComparison,
    CampaignWishes,
    CampaignStates,
    CampaignPlaces,
    CampaignSigns,
    Reports,
    ReportPdfs,
)
