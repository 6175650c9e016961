"""A small company in the database, for tests of pages: people of every role, four LPARs with the facts
that hosts really printed, requests in every state, and runs with their output and events."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from inventory.actions.facts import _repeat_for_lists, stored_facts
from inventory.facts.base import FactSet
from inventory.models import (
    Credential,
    FactReading,
    Hmc,
    Host,
    HostKey,
    Lpar,
    ManagedSystem,
    NimMaster,
)
from liveupdate.actions.approvals import approve
from liveupdate.actions.planning import do_plan
from liveupdate.actions.requests import Wish, create_request, submit_request
from liveupdate.actions.runs import start_run
from liveupdate.actions.verdicts import judge
from liveupdate.models import DiskReservation, Request, Run
from liveupdate.readiness.catalogue import Assessment, assess
from liveupdate.records.subjects import subject_of_lpar
from liveupdate.states import RequestState
from portal.access.actions import grant
from portal.access.models import Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.lib.clock import now

FACTS = Path(__file__).parent / "data" / "pages" / "facts.json"
MEDIA = "nim01:/export/aix72/7200-05-04-2220_full"
TARGET = "7200-05-04-2220"
CONSENTS = ("remove_ifixes", "trusted_execution_off", "wlm_off")
"""What pay02 needs before it can be updated."""

PEOPLE: dict[str, tuple[str, str, tuple[tuple[str, Role], ...]]] = {
    "ana": ("Ana", "Costa", (("Payroll", Role.REQUESTER),)),
    "bo": (
        "Bo",
        "Lang",
        (("Payroll", Role.REQUESTER), ("Payroll", Role.APPROVER), ("Payroll", Role.EMERGENCY)),
    ),
    "ivy": ("Ivy", "Novak", (("Payroll", Role.APPROVER), ("Webshop", Role.APPROVER))),
    "wes": ("Wes", "Weber", (("Webshop", Role.REQUESTER), ("Webshop", Role.APPROVER))),
    "kim": ("Kim", "Lind", (("", Role.OPERATOR),)),
    "aud": ("Aud", "Sato", (("", Role.AUDITOR),)),
    "adm": ("Ada", "Maier", (("", Role.ADMINISTRATOR),)),
    "sam": ("Sam", "Stone", ()),
}
LPARS = {
    "pay01": ("Payroll", "Payroll", "production", "A"),
    "web01": ("Webshop", "Webshop", "production", "B"),
    "pay02": ("Payroll", "Payroll archive", "production", "C"),
    "web02": ("Webshop", "Webshop test", "test", "D"),
}

CLOCKS = ("date", "hmc_date")
"""Facts whose recorded answers are as old as the record: the fleet's clocks go right."""


@dataclass
class Fleet:
    """Who and what there is; people and LPARs by their names."""

    people: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    lpars: dict[str, Lpar] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def asked(self, lpar: str = "pay01", person: str = "ana", **changes: Any) -> Request:
        """A request that waits for its plan."""
        moment = now()
        values: dict[str, Any] = {
            "procedure": "local_live_update",
            "media": MEDIA,
            "target_level": TARGET,
            "consents": (),
            "reason": "Service pack with the security fixes of this quarter",
            "impact": "A pause of some seconds, announced to the payroll team",
            "fallback": "Boot the rollback clone",
            "starts_at": moment - timedelta(minutes=1),
            "ends_at": moment + timedelta(hours=4),
        }
        return create_request(self.people[person], self.lpars[lpar].pk, Wish(**(values | changes)))

    def planned(self, lpar: str = "pay01", person: str = "ana", **changes: Any) -> Request:
        """A request with its plan, or blocked.

        Pages want several requests of one LPAR at a time, so those before let go of their disks.
        """
        DiskReservation.objects.filter(lpar=self.lpars[lpar], released_at=None).update(released_at=now())
        return plan_from_stored_facts(self.asked(lpar, person, **changes))

    def submitted(self, lpar: str = "pay01", person: str = "ana", **changes: Any) -> Request:
        """A request that waits for a decision."""
        request = self.planned(lpar, person, **changes)
        assert request.plan is not None, request.state_reason
        return submit_request(self.people[person], request.pk, request.plan.digest)

    def approved(self, lpar: str = "pay01", person: str = "ana", by: str = "ivy", **changes: Any) -> Request:
        """A request that may start."""
        request = self.submitted(lpar, person, **changes)
        assert request.plan is not None
        approve(self.people[by], request.pk, request.plan.digest, "Read every command.")
        request.refresh_from_db()
        return request

    def queued(self, lpar: str = "pay01", person: str = "ana", by: str = "ivy", **changes: Any) -> Run:
        """A run that no worker has begun."""
        return start_run(self.approved(lpar, person, by, **changes).pk)


def make_fleet() -> Fleet:
    """The company with its LPARs; nothing is asked for yet."""
    fleet = make_people()
    _make_estate(fleet)
    return fleet


def make_people() -> Fleet:
    """The company's teams and people alone, for what asks about no LPAR."""
    fleet = Fleet()
    for name in ("Payroll", "Webshop"):
        fleet.teams[name] = Team.objects.create(name=name, slug=name.lower())
    for username, (first, last, memberships) in PEOPLE.items():
        address = f"{username}@example.test"
        user = User.objects.create_user(username, address, None, first_name=first, last_name=last)
        fleet.people[username] = user
        for team, role in memberships:
            grant(user, role, fleet.teams.get(team), by=Actor.command("tests"))
    return fleet


def _make_estate(fleet: Fleet) -> None:
    secret = Credential.objects.create(name="hmc-liveupdate", reference="env:HMC_PASSWORD")
    hmc = Hmc.objects.create(host=_host("hmc01", "hmc", "10.254.0.1"), client_credential=secret)
    master = NimMaster.objects.create(host=_host("nim01", "nim_master", "10.254.0.2"))
    system = ManagedSystem.objects.create(name="9080-M9S-78A1234", serial="78A1234", type_model="9080-M9S")
    system.hmcs.add(hmc)
    texts = json.loads(FACTS.read_text(encoding="utf-8"))
    for number, (name, (team, application, environment, letter)) in enumerate(LPARS.items()):
        lpar = Lpar.objects.create(
            host=_host(name, "lpar", f"10.254.0.{20 + number}"),
            uuid=f"1A40C5B2-7E0E-4D52-9F7F-20C5B0F4001{letter}",
            managed_system=system,
            hmc=hmc,
            nim_master=master,
            team=fleet.teams[team],
            environment=environment,
            application=application,
            rollback_clone_disk="hdisk11",
        )
        _keep_facts(lpar, texts[name])
        fleet.lpars[name] = lpar


def _host(name: str, kind: str, address: str) -> Host:
    key, _ = Credential.objects.get_or_create(name=f"{kind}-key", defaults={"reference": "file:/keys/id"})
    account = "hscroot" if kind == "hmc" else "root"
    host = Host.objects.create(
        name=name, kind=kind, address=address, account=account, credential=key, contact_state="ok"
    )
    fingerprint = "SHA256:" + (name * 9)[:43]
    HostKey.objects.create(host=host, fingerprint=fingerprint, key_type="ssh-ed25519", state="pinned")
    return host


def _keep_facts(lpar: Lpar, texts: Iterable[dict[str, Any]]) -> None:
    assert lpar.nim_master is not None
    hosts = {host.name: host for host in (lpar.host, lpar.hmc.host, lpar.nim_master.host)}
    moment = now()
    clock = {"stdout": f"{moment:%a %b %d %H:%M:%S} UTC {moment:%Y}\n"}
    FactReading.objects.bulk_create(
        FactReading(
            **{
                **text,
                **(clock if text["fact"] in CLOCKS else {}),
                "host": hosts[text["host"]],
                "subject": lpar.host,
                "read_at": moment,
            }
        )
        for text in texts
    )
    facts = stored_facts(lpar)
    _repeat_for_lists(lpar, facts)
    judge(lpar, facts)
    lpar.refresh_from_db(fields=["verdict"])


def plan_from_stored_facts(request: Request) -> Request:
    """Plan as a worker does, from the facts that are stored instead of new ones."""

    def look_at(lpar: Lpar, _actor: object, _also: object = None) -> tuple[FactSet, Assessment]:
        facts = stored_facts(lpar)
        return facts, assess(subject_of_lpar(lpar, facts))

    with mock.patch("liveupdate.actions.planning.look_at", look_at):
        do_plan(request.pk, "worker-1")
    request.refresh_from_db()
    assert request.state in (RequestState.PLANNED, RequestState.BLOCKED), request.state
    return request
