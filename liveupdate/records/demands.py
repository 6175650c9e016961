"""What surrogates will take of managed systems, and when: runs under way, and what is approved."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory.models import ManagedSystem
from liveupdate.control.demand import Demand
from liveupdate.control.fitting import slot_within
from liveupdate.control.spans import Span
from liveupdate.lpar.capacity import Room
from liveupdate.lpar.surrogate import NOTHING, Amount
from liveupdate.models import Campaign, CampaignTarget, Request, Run
from liveupdate.records.calendar_fit import asked_by_all
from liveupdate.records.campaign_times import HEAVY, RELATED, times_of_all
from liveupdate.records.periods import calendar_now
from liveupdate.records.rooms import room_of, system_facts_of
from liveupdate.records.surrogates import approved_on, needs_of, reserved, runs_on
from liveupdate.states import CAMPAIGN_OPEN

OF_A_REQUEST = ("lpar__host", "lpar__team", "lpar__managed_system")


@dataclass(frozen=True, slots=True)
class Frame:
    """A managed system: what it has for surrogates, None while nobody knows, and what they will take."""

    room: Amount | None
    demands: tuple[Demand, ...]


def frames_of(systems: Collection[ManagedSystem], at: datetime) -> dict[int, Frame]:
    """Each managed system by its id, with a constant number of queries.

    A run takes its part from its start to its expected end; an approved request when its campaign, or else
    the calendar, lets it go. What a surrogate that runs already takes counts as room.
    """
    keys = [system.pk for system in systems]
    facts = system_facts_of(keys)
    rooms = {system.pk: room_of(facts[system.pk], system)[0] for system in systems}
    runs = list(runs_on(*keys).select_related(*(f"request__{each}" for each in OF_A_REQUEST)))
    demands: dict[int, list[Demand]] = defaultdict(list)
    for system, demand in (*_of_runs(runs, at), *_of_requests(keys, at)):
        demands[system].append(demand)
    return {key: Frame(_in_all(rooms[key], runs), tuple(demands[key])) for key in keys}


def _of_runs(runs: Sequence[Run], at: datetime) -> Iterable[tuple[int, Demand]]:
    asked = dict(asked_by_all(run.request for run in runs))
    for run in runs:
        begin = run.started_at or at
        end = max(at, begin + asked[run.request].expected.run)
        yield run.request.lpar.managed_system_id, Demand((begin, end), reserved(run))


def _of_requests(systems: Collection[int], at: datetime) -> Iterable[tuple[int, Demand]]:
    requests = list(approved_on(*systems).select_related(*OF_A_REQUEST))
    needs = needs_of([request.lpar for request in requests])
    times = _times(requests, at)
    for request in requests:
        need = needs[request.lpar_id]
        if span := times.get(request.pk):
            yield request.lpar.managed_system_id, Demand(span, need.amount if need else None)


def _times(requests: Collection[Request], at: datetime) -> dict[int, Span]:
    """When each request is expected to run, by its id; those that find no time are left out."""
    times: dict[int, Span] = {}
    calendar = calendar_now()
    for request, asked in asked_by_all(requests):
        if slot := slot_within(calendar, asked, at):
            times[request.pk] = slot[0], slot[0] + asked.expected.run
    campaigns = _campaigns_of(requests)
    found = times_of_all(list(campaigns.items()), at) if campaigns else {}
    for campaign, targets in campaigns.items():
        spans = found[campaign.pk].spans
        for target in targets:
            if target.request_id in times:
                del times[target.request_id]
                if target.lpar.name in spans:
                    times[target.request_id] = spans[target.lpar.name]
    return times


def _campaigns_of(requests: Collection[Request]) -> dict[Campaign, list[CampaignTarget]]:
    """The open campaigns of requests, each with all its LPARs."""
    own = CampaignTarget.objects.filter(request__in=requests, campaign__state__in=CAMPAIGN_OPEN)
    rows = CampaignTarget.objects.filter(campaign__in=own.values("campaign"))
    campaigns: dict[Campaign, list[CampaignTarget]] = {}
    for target in rows.select_related("campaign", *RELATED).defer(*HEAVY):
        campaigns.setdefault(target.campaign, []).append(target)
    return campaigns


def _in_all(room: Room | None, runs: Iterable[Run]) -> Amount | None:
    if room is None:
        return None
    started = [amount for run in runs if run.lpar.name in room.started and (amount := reserved(run))]
    more = Amount(room.more.memory_mb or 0, NOTHING.cores + (room.more.cores or 0))
    return sum(started, room.free + more)
