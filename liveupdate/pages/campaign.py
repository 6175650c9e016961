"""What a campaign's page shows: waves with their LPARs, holds, halts, coverage, and the picture in time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from liveupdate.control.canaries import Coverage, Fingerprint, coverage_of
from liveupdate.control.forecast import Forecast
from liveupdate.control.reasons import Reason, reason_in
from liveupdate.models import Campaign, CampaignSign, CampaignTarget, Run
from liveupdate.pages.campaign_timeline import Span, Timeline, timeline_of
from liveupdate.policies import visible_targets
from liveupdate.records.campaign_times import HEAVY, RELATED, times_of
from liveupdate.states import (
    RUN_TERMINAL,
    CampaignState,
    RequestState,
    RunState,
    WaveState,
)
from portal.access.models import User
from portal.lib.clock import now
from portal.web.badges import face


@dataclass(frozen=True, slots=True)
class Row:
    """One LPAR: the state that says most, what it waits for, and what there is to open.

    `no_slot` says why it will find no time when its wave is due, with its next slot.
    """

    target: CampaignTarget
    state: str
    hold: Reason | None
    run: Run | None
    no_slot: Reason | None = None


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave with its LPARs.

    From `begins` to `ends` it was under way or is expected to be, None where none of it finds a time.
    """

    number: int
    canary: bool
    rows: tuple[Row, ...]
    state: WaveState
    begins: datetime | None
    ends: datetime | None

    @property
    def lasts(self) -> timedelta:
        """From its first begin to its last end."""
        return self.ends - self.begins if self.begins and self.ends else timedelta()

    @property
    def without_slot(self) -> dict[Reason, list[str]]:
        """The LPARs that will find no time, by the reason."""
        found: dict[Reason, list[str]] = {}
        for row in self.rows:
            if row.no_slot:
                found.setdefault(row.no_slot, []).append(row.target.lpar.name)
        return found


@dataclass(frozen=True, slots=True)
class CampaignSight:
    """Everything about a campaign that one person may see; `hidden` counts the LPARs of other teams."""

    waves: tuple[Wave, ...]
    left_out: dict[str, list[CampaignTarget]]
    hidden: int
    coverage: Coverage
    timeline: Timeline | None
    open_signs: tuple[CampaignSign, ...]
    answered_signs: tuple[CampaignSign, ...]
    counts: dict[str, int]


def sight_of(campaign: Campaign, person: User) -> CampaignSight:
    """What the page shows this person."""
    everything = campaign.targets.select_related(*RELATED).defer(*HEAVY)
    seen = set(visible_targets(person).filter(campaign=campaign).values_list("pk", flat=True))
    targets = [target for target in everything if target.pk in seen]
    signs = list(
        campaign.signs.select_related("run__request", "target__lpar__host", "answered_by").filter(
            pk__in=_seen_signs(campaign, targets)
        )
    )
    moment = now()
    found = times_of(campaign, everything, moment)
    waves = tuple(_waves(campaign, targets, found))
    return CampaignSight(
        waves=waves,
        left_out=_left_out(targets),
        hidden=len(everything) - len(targets),
        coverage=_coverage(targets),
        timeline=timeline_of(list(_bars(waves, found)), campaign.rooms, moment),
        open_signs=tuple(each for each in signs if each.answered_at is None),
        answered_signs=tuple(each for each in signs if each.answered_at is not None),
        counts=_counts(waves),
    )


def _seen_signs(campaign: Campaign, targets: Sequence[CampaignTarget]) -> list[int]:
    """What is about no LPAR, or about one that the person sees."""
    seen = {target.pk for target in targets}
    about = campaign.signs.values_list("pk", "target")
    return [pk for pk, target in about if target is None or target in seen]


def _waves(campaign: Campaign, targets: Iterable[CampaignTarget], found: Forecast) -> Iterable[Wave]:
    by_wave: dict[int, list[Row]] = {}
    for target in targets:
        if target.wave is not None:
            row = replace(_row(campaign, target), no_slot=found.no_slot.get(target.lpar.name))
            by_wave.setdefault(target.wave, []).append(row)
    for number, rows in sorted(by_wave.items()):
        rows.sort(key=lambda row: (not row.target.canary, row.target.lpar.name))
        canary = any(row.target.canary for row in rows)
        spans = [found.spans[name] for row in rows if (name := row.target.lpar.name) in found.spans]
        begins, ends = (
            (min(begin for begin, _ in spans), max(end for _, end in spans)) if spans else (None, None)
        )
        yield Wave(number, canary, tuple(rows), _state_of(rows), begins, ends)


def _row(campaign: Campaign, target: CampaignTarget) -> Row:
    run: Run | None = getattr(target.request, "run", None)
    begun = run is not None and not (run.state == RunState.QUEUED and not run.owner)
    hold = None if begun or target.request is None else _hold(campaign, target)
    state = run.state if run else target.request.shown_state if target.request else "draft"
    return Row(target, state, hold, run)


def _hold(campaign: Campaign, target: CampaignTarget) -> Reason | None:
    if campaign.state == CampaignState.HALTED:
        return Reason("campaign_halted", "The campaign is halted.")
    if campaign.state != CampaignState.RUNNING:
        return None
    if target.hold:
        return reason_in(target.hold)
    return next(iter(target.request.holds), None) if target.request else None


def _state_of(rows: Sequence[Row]) -> WaveState:
    runs = [row.run for row in rows if row.run]
    gone = [row for row in rows if row.state == RequestState.WITHDRAWN]
    if len([run for run in runs if run.state in RUN_TERMINAL]) + len(gone) == len(rows):
        return WaveState.FINISHED
    released = any(row.target.released_at for row in rows)
    return WaveState.RUNNING if runs or released else WaveState.PENDING


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


def _bars(waves: Sequence[Wave], found: Forecast) -> Iterable[Span]:
    """The runs as they were, and after them those to come where they are expected."""
    for wave in waves:
        for row in wave.rows:
            target, run = row.target, row.run
            if target.lpar.name not in found.spans:
                continue
            begin, end = found.spans[target.lpar.name]
            shown = run if run is not None and run.started_at is not None else None
            about = shown or target.request
            yield Span(
                target.lpar.name,
                str(target.lpar.managed_system),
                wave.number,
                begin,
                end,
                target.need_memory_mb or 0,
                face(shown.state).tone if shown else "planned",
                shown is None,
                about.get_absolute_url() if about else "",
            )
