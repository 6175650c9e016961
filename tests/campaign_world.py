"""Many LPARs on managed systems with little room, and runs that go on without a host, as a test says."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest import mock

from inventory.actions.facts import stored_facts
from inventory.models import Hmc, Lpar, ManagedSystem
from liveupdate.actions.advancing import advance
from liveupdate.actions.approvals import approve
from liveupdate.actions.campaigns import (
    CampaignTerms,
    create_campaign,
    plan_campaign,
    start_campaign,
    submit_planned,
)
from liveupdate.actions.requests import Wish
from liveupdate.actions.starting import do_start
from liveupdate.engine.claim import take
from liveupdate.engine.journal import Journal
from liveupdate.models import Campaign, CampaignTarget, OutputChunk, Request, Run, RunCommand
from liveupdate.states import RequestState, RunState
from portal.lib.clock import now
from tests.fleet import FACTS, MEDIA, TARGET, Fleet, _host, _keep_facts, make_fleet, plan_from_stored_facts

SYSTEM = "9080-M9S-78A1234"


@dataclass
class World:
    """The fleet of tests with more LPARs; time passes when a test says so."""

    fleet: Fleet
    lpars: list[Lpar]

    def campaign(self, names: Iterable[str] = (), *, counted: bool = True, **terms: Any) -> Campaign:
        """A draft of all the LPARs, or of some, by Ana."""
        wanted = set(names)
        chosen = [lpar.pk for lpar in self.lpars if not wanted or lpar.name in wanted]
        own = CampaignTerms(**{"name": "Spring service pack", "applications_apart": False, **terms})
        count = len(chosen) if counted else None
        return create_campaign(self.fleet.ana, chosen, wish(), own, counted=count)

    def planned(self, campaign: Campaign) -> Campaign:
        """Its requests made, and planned by a worker."""
        plan_campaign(self.fleet.ana, campaign.pk)
        for request in requests_of(campaign):
            plan_from_stored_facts(request)
        campaign.refresh_from_db()
        return campaign

    def approved(self, campaign: Campaign, besides: Sequence[str] = ()) -> Campaign:
        """Handed in by Ana and approved by Ivy, each request by itself, but for some LPARs'."""
        self.planned(campaign)
        chosen = [one for one in requests_of(campaign) if one.lpar.name not in besides]
        submit_planned(self.fleet.ana, campaign.pk, {one.pk: one.plan.digest for one in chosen if one.plan})
        for one in chosen:
            assert one.plan is not None, one.state_reason
            approve(self.fleet.ivy, one.pk, one.plan.digest)
        return campaign

    def started(self, campaign: Campaign, besides: Sequence[str] = ()) -> Campaign:
        """The same, and begun."""
        start_campaign(self.fleet.ana, self.approved(campaign, besides).pk)
        advance(campaign.pk)
        campaign.refresh_from_db()
        return campaign

    def start_due(self, among: Sequence[int] | None = None) -> list[Run]:
        """As workers do: start whatever may start of these requests, or of all, by the facts that are stored;
        the runs that wait for a worker.
        """
        approved = Request.objects.filter(state=RequestState.APPROVED).order_by("pk")
        for request in approved if among is None else approved.filter(pk__in=among):
            Request.objects.filter(pk=request.pk).update(planning_until=None)
            with mock.patch("liveupdate.actions.starting.look_at", looked):
                do_start(request.pk, "w1")
        return list(Run.objects.filter(state=RunState.QUEUED, owner="").order_by("pk"))


def wish(**changes: Any) -> Wish:
    """What a campaign is for, in a window that is open."""
    moment = now()
    values: dict[str, Any] = {
        "procedure": "local_live_update",
        "media": MEDIA,
        "target_level": TARGET,
        "consents": (),
        "reason": "security fixes",
        "impact": "",
        "fallback": "",
        "starts_at": moment - timedelta(minutes=1),
        "ends_at": moment + timedelta(days=2),
    }
    return Wish(**(values | changes))


def looked(lpar: Lpar, _actor: object, _also: object = None) -> tuple[Any, None]:
    """A look that finds what is stored."""
    return stored_facts(lpar), None


def begin(run: Run) -> bool:
    """A worker takes a run up; whether it may."""
    claim = take(run.pk, "w1")
    if claim is None:
        return False
    journal = Journal(claim, {})
    with journal.writing():
        journal.move(journal.run(), RunState.RUNNING)
    return True


def end(run: Run, state: RunState = RunState.SUCCEEDED, **changes: Any) -> None:
    """A run that was begun ends."""
    values = {"level_after": TARGET if state is RunState.SUCCEEDED else "", "blackout_ms": 9000, **changes}
    claim = take_again(run)
    Run.objects.filter(pk=run.pk).update(**values)
    journal = Journal(claim, {})
    with journal.writing():
        journal.move(journal.run(), state, outcome="A test ends it.")


def recorded(run: Run, step: str, printed: str) -> None:
    """What a command of a step of the run printed."""
    row = run.steps.get(key=step)
    command = RunCommand.objects.create(
        run=run, step=row, number=run.commands.count() + 1, host="erp01", account="root",
        line="errpt -T PERM", epoch=1, state=RunCommand.State.ENDED, status=0,
    )  # fmt: skip
    OutputChunk.objects.create(
        run=run, command=command, stream="stdout", offset=0, content=printed.encode(), received_at=now()
    )


def take_again(run: Run) -> Any:
    """The same worker again."""
    Run.objects.filter(pk=run.pk).update(owner="")
    claim = take(run.pk, "w1")
    assert claim is not None
    return claim


def requests_of(campaign: Campaign) -> list[Request]:
    """The requests of a campaign, as they are now."""
    rows = Request.objects.filter(campaign_target__campaign=campaign)
    return list(rows.select_related("plan", "lpar__host", "team").order_by("pk"))


def waves_of(campaign: Campaign) -> dict[str, int | None]:
    """The wave of each LPAR."""
    return dict(campaign.targets.values_list("lpar__host__name", "wave"))


def target_of(campaign: Campaign, name: str) -> CampaignTarget:
    """One LPAR of a campaign."""
    return campaign.targets.select_related("campaign", "lpar__host", "request").get(lpar__host__name=name)


def soaked(campaign: Campaign, minutes: int = 61) -> None:
    """Time passes: what ended did so earlier."""
    for run in Run.objects.filter(request__campaign_target__campaign=campaign).exclude(ended_at=None):
        Run.objects.filter(pk=run.pk).update(ended_at=run.ended_at - timedelta(minutes=minutes))


def draft_of(fleet: Fleet) -> Campaign:
    """A draft of Payroll's LPARs that can be updated, by Ana."""
    return create_campaign(
        fleet.ana, [fleet.lpars["pay01"].pk], wish(), CampaignTerms("Payroll to the service pack")
    )


def make_world(count: int, *, systems: int = 1, free_mb: int = 20000, cores: str = "8.0") -> World:
    """`count` LPARs of team Payroll that are ready, spread over managed systems with so much room each."""
    fleet = make_fleet()
    hmc = Hmc.objects.get()
    places = [ManagedSystem.objects.get()]
    for number in range(1, systems):
        place = ManagedSystem.objects.create(
            name=f"9080-M9S-78A123{4 + number}", serial=f"78A123{4 + number}", type_model="9080-M9S"
        )
        place.hmcs.add(hmc)
        places.append(place)
    world = World(fleet, [])
    world.lpars += make_more(world, count, places, free_mb=free_mb, cores=cores)
    return world


def make_more(
    world: World,
    count: int,
    places: Sequence[ManagedSystem] = (),
    *,
    free_mb: int = 20000,
    cores: str = "8.0",
) -> list[Lpar]:
    """So many LPARs more."""
    text = json.dumps(json.loads(FACTS.read_text(encoding="utf-8"))["web01"])
    systems, first = list(places) or [world.fleet.lpars["pay01"].managed_system], len(world.lpars)
    lpars = []
    for number in range(first, first + count):
        place = systems[number % len(systems)]
        lpar = _lpar(world.fleet, world.fleet.lpars["pay01"].hmc, place, number)
        _keep_facts(lpar, json.loads(_told(text, lpar.name, place, number, free_mb, cores)))
        lpars.append(lpar)
    return lpars


def _lpar(fleet: Fleet, hmc: Hmc, place: ManagedSystem, number: int) -> Lpar:
    return Lpar.objects.create(
        host=_host(f"erp{number:02d}", "lpar", f"10.254.1.{number + 1}"),
        uuid=f"1A40C5B2-7E0E-4D52-9F7F-20C5B0F5{number:04X}",
        managed_system=place,
        hmc=hmc,
        nim_master=fleet.lpars["pay01"].nim_master,
        team=fleet.teams["Payroll"],
        application=f"Application {number // 4}",
        rollback_clone_disk="hdisk11",
    )


def _told(text: str, name: str, place: ManagedSystem, number: int, free_mb: int, cores: str) -> str:
    """What the hosts of another LPAR would have printed."""
    changes = {
        "web01": name,
        SYSTEM: place.name,
        "78A1234": place.serial,
        "00fa343b90": f"00fa{number:06x}",
        "00c2fcc8e0": f"00c2{number:06x}",
        "00FA343B90": f"00FA{number:06X}",
        "00C2FCC8E0": f"00C2{number:06X}",
        "curr_avail_sys_mem=72704": f"curr_avail_sys_mem={free_mb}",
        "curr_avail_sys_proc_units=11.5": f"curr_avail_sys_proc_units={cores}",
    }
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def campaigns_to_look_at(fleet: Fleet) -> dict[str, str]:
    """A draft, and one that a failure in its second wave halted; the names of their pages and addresses."""
    world = World(fleet, [])
    first = fleet.lpars["pay01"].managed_system
    second = ManagedSystem.objects.create(name="9080-M9S-78A1235", serial="78A1235", type_model="9009-42A")
    world.lpars += make_more(world, 14, [first, second])
    names = [lpar.name for lpar in world.lpars]
    draft = world.campaign(names[9:], name="Autumn service pack", clusters=f"payclu: {names[9]}, {names[11]}")
    halted = world.started(
        world.campaign(names[:9], canaries_most=1, name="Payroll and web to TL5 SP4"), besides=names[8:9]
    )
    for state, minutes in ((RunState.SUCCEEDED, 200), (RunState.FAILED, 60)):
        for run in world.start_due([one.pk for one in requests_of(halted)]):
            begin(run)
            Run.objects.filter(pk=run.pk).update(started_at=now() - timedelta(minutes=minutes))
            end(run, state)
            Run.objects.filter(pk=run.pk).update(ended_at=now() - timedelta(minutes=minutes - 35))
        advance(halted.pk)
    return {
        "campaigns": "/campaigns/",
        "campaign-form": "/campaigns/new/?q=erp&environment=production",
        "campaign-draft": draft.get_absolute_url(),
        "campaign-halted": halted.get_absolute_url(),
    }
