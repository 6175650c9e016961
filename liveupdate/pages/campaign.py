"""What a campaign's page shows: waves with their LPARs, holds, halts, coverage, and the picture in time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, F

from liveupdate.control.canaries import Coverage, Fingerprint, coverage_of
from liveupdate.control.reasons import Reason, reason_in
from liveupdate.models import Campaign, CampaignSign, CampaignTarget, Run
from liveupdate.pages.campaign_timeline import Span, Timeline, timeline_of
from liveupdate.policies import visible_targets
from liveupdate.states import CAMPAIGN_OPEN, RUN_TERMINAL, CampaignState, RequestState, RunState
from portal.access.models import User
from portal.lib.clock import now
from portal.web.badges import face

USUAL = timedelta(minutes=30)
"""How long an update is expected to take while none of the procedure has ended."""


@dataclass(frozen=True, slots=True)
class Row:
    """One LPAR: the state that says most, what it waits for, and what there is to open."""

    target: CampaignTarget
    state: str
    hold: Reason | None
    run: Run | None


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave with its LPARs; `state` is pending, running or finished."""

    number: int
    canary: bool
    rows: tuple[Row, ...]
    state: str


@dataclass(frozen=True, slots=True)
class CampaignSight:
    """Everything about a campaign that one person may see; `hidden` counts the LPARs of other teams.

    `too_late` is when the last wave is expected to end, where that is after the change window.
    """

    waves: tuple[Wave, ...]
    left_out: dict[str, list[CampaignTarget]]
    hidden: int
    coverage: Coverage
    timeline: Timeline | None
    open_signs: tuple[CampaignSign, ...]
    answered_signs: tuple[CampaignSign, ...]
    counts: dict[str, int]
    too_late: datetime | None


def sight_of(campaign: Campaign, person: User) -> CampaignSight:
    """What the page shows this person."""
    related = ("lpar__host", "lpar__managed_system", "lpar__team", "request__run", "request__plan")
    own = visible_targets(person).filter(campaign=campaign).select_related(*related)
    targets = list(own.defer("request__findings", "request__plan__document", "request__plan__findings"))
    signs = list(
        campaign.signs.select_related("run__request", "target__lpar__host", "answered_by").filter(
            pk__in=_seen_signs(campaign, targets)
        )
    )
    waves, moment = tuple(_waves(campaign, targets)), now()
    spans = list(_spans(campaign, waves, moment))
    end = max((span.end for span in spans if span.planned), default=moment)
    return CampaignSight(
        waves=waves,
        left_out=_left_out(targets),
        hidden=campaign.targets.count() - len(targets),
        coverage=_coverage(targets),
        timeline=timeline_of(spans, campaign.rooms, moment),
        open_signs=tuple(each for each in signs if each.answered_at is None),
        answered_signs=tuple(each for each in signs if each.answered_at is not None),
        counts=_counts(waves),
        too_late=end if end > campaign.ends_at and campaign.state in CAMPAIGN_OPEN else None,
    )


def _seen_signs(campaign: Campaign, targets: Sequence[CampaignTarget]) -> list[int]:
    """What is about no LPAR, or about one that the person sees."""
    seen = {target.pk for target in targets}
    about = campaign.signs.values_list("pk", "target")
    return [pk for pk, target in about if target is None or target in seen]


def _waves(campaign: Campaign, targets: Iterable[CampaignTarget]) -> Iterable[Wave]:
    by_wave: dict[int, list[Row]] = {}
    for target in targets:
        if target.wave is not None:
            by_wave.setdefault(target.wave, []).append(_row(campaign, target))
    for number, rows in sorted(by_wave.items()):
        rows.sort(key=lambda row: (not row.target.canary, row.target.lpar.name))
        canary = any(row.target.canary for row in rows)
        yield Wave(number, canary, tuple(rows), _state_of(rows))


def _row(campaign: Campaign, target: CampaignTarget) -> Row:
    run: Run | None = getattr(target.request, "run", None)
    begun = run is not None and not (run.state == RunState.QUEUED and not run.owner)
    hold = None if begun or target.request is None else _hold(campaign, target)
    state = run.state if run else target.request.shown_state if target.request else "draft"
    return Row(target, state, hold, run)


def _hold(campaign: Campaign, target: CampaignTarget) -> Reason | None:
    if campaign.state == CampaignState.HALTED:
        return Reason("campaign_halted", "The campaign is halted.")
    return reason_in(target.hold) if target.hold and campaign.state == CampaignState.RUNNING else None


def _state_of(rows: Sequence[Row]) -> str:
    runs = [row.run for row in rows if row.run]
    gone = [row for row in rows if row.state == RequestState.WITHDRAWN]
    if len([run for run in runs if run.state in RUN_TERMINAL]) + len(gone) == len(rows):
        return "finished"
    return "running" if runs or any(row.target.released_at for row in rows) else "pending"


def _left_out(targets: Iterable[CampaignTarget]) -> dict[str, list[CampaignTarget]]:
    """The LPARs without a place, by the reason."""
    by_reason: dict[str, list[CampaignTarget]] = {}
    for target in targets:
        if target.wave is None:
            by_reason.setdefault(target.why, []).append(target)
    return by_reason


def _counts(waves: Iterable[Wave]) -> dict[str, int]:
    """How many LPARs are in which state, by its word."""
    counts: dict[str, int] = {}
    for wave in waves:
        for row in wave.rows:
            counts[row.state] = counts.get(row.state, 0) + 1
    return dict(sorted(counts.items()))


def _coverage(targets: Sequence[CampaignTarget]) -> Coverage:
    prints = {each.lpar.name: Fingerprint(frozenset(each.traits), tuple(each.unknown)) for each in targets}
    return coverage_of(prints, [each.lpar.name for each in targets if each.canary])


def _spans(campaign: Campaign, waves: Sequence[Wave], moment: datetime) -> Iterable[Span]:
    """The runs as they were, and after them the waves to come one after the other."""
    lasting = _usual_length(campaign)
    at = moment if campaign.state != CampaignState.DRAFT else max(moment, campaign.starts_at)
    for wave in waves:
        end = at
        for row in wave.rows:
            if span := _span(row, at, lasting, moment, is_open=campaign.state != CampaignState.WITHDRAWN):
                yield span
                end = max(end, span.end)
        at = max(at, end + campaign.soak) if end > at else at


def _span(row: Row, at: datetime, lasting: timedelta, moment: datetime, *, is_open: bool) -> Span | None:
    target, run = row.target, row.run
    common = (target.lpar.name, str(target.lpar.managed_system), target.wave or 0)
    memory = target.need_memory_mb or 0
    if run is not None and run.started_at is not None:
        end = run.ended_at or max(moment, run.started_at + lasting)
        tone = face(run.state).tone
        return Span(*common, run.started_at, end, memory, tone, False, run.get_absolute_url())
    if not is_open or run is not None or row.state == RequestState.WITHDRAWN:
        return None
    link = target.request.get_absolute_url() if target.request else ""
    return Span(*common, at, at + lasting, memory, "planned", True, link)


def _usual_length(campaign: Campaign) -> timedelta:
    ended = Run.objects.filter(request__procedure=campaign.procedure, state=RunState.SUCCEEDED)
    mean = ended.exclude(started_at=None).aggregate(mean=Avg(F("ended_at") - F("started_at")))["mean"]
    return max(mean, timedelta(minutes=1)) if mean else USUAL
