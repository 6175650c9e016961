"""Fills a database with a large company, straight into its tables."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from inventory.models import Credential, FactReading, Hmc, Host, HostKey, Lpar, ManagedSystem
from liveupdate.models import Leftover, Plan, Request, Run, StoredFinding
from liveupdate.readiness.catalogue import CHECKS
from liveupdate.states import RequestState, RunState
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.entry import entry_bytes
from portal.audit.events import Event
from portal.audit.merkle import leaf_hash
from portal.audit.models import Intake
from portal.audit.record import intake_mac
from portal.audit.sealer import seal_now
from portal.lib.clock import now
from tests.estate import FACTS

TEAMS = 25
BATCH = 2_000


def fill(lpars: int, runs: int, entries: int) -> User:
    """The company: `lpars` LPARs on one managed system per 20, `runs` finished runs with their requests,
    `entries` sealed ledger entries. Returns somebody who sees all of it."""
    person = User.objects.create_user("olga", first_name="Olga", last_name="Berg")
    for role in (Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR):
        Membership.objects.create(user=person, role=role)
    teams = Team.objects.bulk_create(Team(name=f"Team {n:02d}", slug=f"team-{n:02d}") for n in range(TEAMS))
    _estate(lpars, teams)
    _facts()
    _runs(runs, person)
    _leftovers(person)
    fill_ledger(entries, Actor.person(person.public_id))
    return person


def _estate(count: int, teams: list[Team]) -> None:
    moment = now()
    key = Credential.objects.create(name="aix", reference="file:/etc/keys/aix")
    consoles, systems = [], []
    for number in range(max(1, count // 200)):
        host = Host.objects.create(
            name=f"hmc{number:03d}", kind="hmc", address=f"10.0.0.{number}", account="hscroot", credential=key
        )
        consoles.append(Hmc.objects.create(host=host))
    for number in range(max(1, count // 20)):
        systems.append(
            ManagedSystem.objects.create(
                name=f"9080-M9S-78A{number:04d}", serial=f"78A{number:04d}", type_model="9080-M9S"
            )
        )
    for number, system in enumerate(systems):
        system.hmcs.add(consoles[number // 10 % len(consoles)])
    hosts = _store(
        Host(
            name=f"aix{number:05d}",
            kind="lpar",
            address=f"10.{1 + number // 65025}.{number // 255 % 255}.{number % 255}",
            account="root",
            credential=key,
            contact_state="ok",
            contacted_at=moment,
        )
        for number in range(count)
    )
    _store(
        HostKey(host=host, fingerprint="SHA256:" + f"{host.pk:043d}", key_type="ssh-ed25519", state="pinned")
        for host in hosts
    )
    _store(
        Lpar(
            host=host,
            uuid=f"00000000-0000-4000-8000-{number:012d}",
            managed_system=systems[number // 20 % len(systems)],
            facts_state="ok",
            hmc=consoles[number // 200 % len(consoles)],
            team=teams[number % len(teams)],
            application=f"Application {number % 300}",
            environment=("production", "test")[number % 2],
            level="7200-05-03-2148",
            verdict=("ready", "ready_with_actions", "not_possible", "unknown")[number % 4],
            facts_read_at=moment,
        )
        for number, host in enumerate(hosts)
    )


def _facts() -> None:
    """20 current readings and 20 findings for each LPAR, one in three of its answers the second one."""
    moment = now()
    texts = [(name.partition(":"), said) for name, said in FACTS.items() if isinstance(said, str)][:20]
    hosts = list(Host.objects.filter(kind="lpar").order_by("pk"))
    _store_lean(
        FactReading(
            host=host,
            subject=host,
            fact=fact,
            key=key,
            command=f"/usr/bin/{fact}",
            stdout=said,
            status=0,
            state="ok",
            first_read_at=moment,
            read_at=moment,
        )
        for host in hosts
        for (fact, _, key), said in texts
    )
    states = ("ok", "ok", "warning", "unknown", "blocker")
    _store_lean(
        StoredFinding(
            lpar_id=lpar,
            check_id=check.id,
            state=states[(lpar + number) % 5],
            severity=check.severity,
            message=f"{check.title} on this LPAR.",
            evidence=[{"host": "aix", "command": "oslevel -s", "lines": ["7200-05-03-2148"]}],
            found_at=moment,
        )
        for lpar in Lpar.objects.order_by("pk").values_list("pk", flat=True)
        for number, check in enumerate(CHECKS[:20])
    )


def _runs(count: int, person: User) -> None:
    moment = now()
    lpars = list(Lpar.objects.order_by("pk"))
    requests = _store(
        Request(
            lpar=lpars[number % len(lpars)],
            team_id=lpars[number % len(lpars)].team_id,
            requester=person,
            last_editor=person,
            procedure="local_live_update",
            media="nim01:/export/aix72/7200-05-04-2220_full",
            target_level="7200-05-04-2220",
            reason="security fixes",
            starts_at=moment,
            ends_at=moment + timedelta(hours=4),
            state=RequestState.FINISHED,
            verdict="ready",
        )
        for number in range(count)
    )
    plans = _store(
        Plan(
            request=request,
            lpar_id=request.lpar_id,
            procedure="local_live_update",
            document="{}",
            digest=f"sha256:{request.pk:064d}",
            summary="One LPAR to 7200-05-04-2220",
            verdict="ready",
            facts_read_at=moment,
        )
        for request in requests
    )
    _store(
        Run(
            request=request,
            plan=plan,
            lpar_id=request.lpar_id,
            state=RunState.SUCCEEDED,
            started_at=moment,
            ended_at=moment,
            blackout_ms=7_000,
            level_before="7200-05-03-2148",
            level_after="7200-05-04-2220",
        )
        for request, plan in zip(requests, plans, strict=True)
    )


def _leftovers(person: User) -> None:
    """One on each LPAR of the first page of a list."""
    _store(
        Leftover(
            lpar=lpar, kind="lvup_rootvg", text="hdisk2 holds lvup_rootvg.", owner=person, due_on=localdate()
        )
        for lpar in Lpar.objects.all()[:60]
    )


def fill_ledger(count: int, actor: Actor) -> None:
    """Sealed entries."""
    moment = now()
    _store(_entry(number, actor, moment) for number in range(count))
    seal_now()


def _entry(number: int, actor: Actor, moment: datetime) -> Intake:
    subject: dict[str, str | int] = {"request": number % 1000, "lpar": f"aix{number % 1000:05d}"}
    data = {"state": "planned", "digest": f"sha256:{number:064d}"}
    content = entry_bytes(Event.FACTS_READ, actor, subject, data, at=moment, place=None)
    return Intake(
        content=content,
        leaf=leaf_hash(content),
        mac=intake_mac(content),
        event=Event.FACTS_READ.value,
        actor_kind=actor.kind,
        actor_id=actor.id,
        request=str(subject["request"]),
        at=moment,
    )


def _store_lean(rows: Iterable[Any]) -> None:
    """As `_store`, without keeping what was stored."""
    for _ in _stored(rows):
        pass


def _store(rows: Iterable[Any]) -> list[Any]:
    return list(_stored(rows))


def _stored(rows: Iterable[Any]) -> Iterator[Any]:
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        with transaction.atomic():
            yield from type(batch[0])._default_manager.bulk_create(batch)
