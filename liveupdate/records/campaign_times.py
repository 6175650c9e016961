"""When the LPARs of campaigns were and will be updated, by the tables and the calendar as it is."""

from collections.abc import Collection, Iterable
from datetime import datetime

from liveupdate.control.durations import PastRun, expected
from liveupdate.control.fitting import Asked
from liveupdate.control.forecast import Forecast, Member, forecast
from liveupdate.models import Campaign, CampaignTarget, Run
from liveupdate.records.durations import past_runs, subject_for
from liveupdate.records.periods import calendar_now, place_of
from liveupdate.states import CAMPAIGN_OPEN, REQUEST_TERMINAL, RUN_TERMINAL, CampaignState

RELATED = ("lpar__host", "lpar__managed_system", "lpar__team", "request__run")
HEAVY = ("request__findings",)


def times_of(campaign: Campaign, targets: Iterable[CampaignTarget], at: datetime) -> Forecast:
    """The times of one campaign's `targets`, which are all of its."""
    return times_of_all([(campaign, list(targets))], at)[campaign.pk]


def times_of_all(
    campaigns: Collection[tuple[Campaign, list[CampaignTarget]]], at: datetime
) -> dict[int, Forecast]:
    """The times of several, by the campaign's id, with a constant number of queries."""
    calendar = calendar_now()
    past = past_runs(
        {campaign.procedure for campaign, _ in campaigns},
        {target.lpar_id for _, targets in campaigns for target in targets},
    )
    return {
        campaign.pk: forecast(
            calendar,
            [_member(campaign, target, past) for target in targets if target.wave is not None],
            campaign.soak,
            max(at, campaign.starts_at) if campaign.state == CampaignState.DRAFT else at,
        )
        for campaign, targets in campaigns
    }


def _member(campaign: Campaign, target: CampaignTarget, past: Collection[PastRun]) -> Member:
    lpar, asked = target.lpar, target.request
    run: Run | None = getattr(asked, "run", None)
    window = (asked.starts_at, asked.ends_at) if asked else (campaign.starts_at, campaign.ends_at)
    gone = asked is not None and asked.state in REQUEST_TERMINAL
    return Member(
        name=lpar.name,
        wave=target.wave or 0,
        asked=Asked(place_of(lpar), window, expected(subject_for(lpar, campaign.procedure), past)),
        started_at=run.started_at if run else None,
        ended_at=run.ended_at if run else None,
        is_over=campaign.state not in CAMPAIGN_OPEN
        or gone
        or (run is not None and run.state in RUN_TERMINAL),
    )
