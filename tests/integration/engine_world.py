"""An LPAR, an HMC and an approved request in the database, for tests of actions and engine."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory.command import Command
from inventory.models import Credential, Hmc, Host, Lpar, ManagedSystem
from inventory.transport import Endpoint
from liveupdate.actions.approvals import enter_decision
from liveupdate.actions.planning import enter_plan
from liveupdate.actions.requests import enter_request
from liveupdate.models import Approval, Plan, Request
from liveupdate.procedures import step as words
from liveupdate.records.terms import terms_now
from liveupdate.states import RequestState
from portal.access.actions import grant
from portal.access.models import Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.lib.canonical import canonical_json, digest

NOWHERE = Endpoint("pay01", "127.0.0.1", 1, "root", "SHA256:" + "A" * 43, "env:NOTHING")


@dataclass
class World:
    """What a test needs of the estate; people are named by their roles."""

    team: Team
    requester: User
    approver: User
    operator: User
    lpar: Lpar
    endpoint: Endpoint
    hmc: Endpoint

    def neighbour(self, name: str, hmc: Hmc | None = None) -> "World":
        """The same with another LPAR on the same managed system, or on another one with its own HMC."""
        old = self.lpar
        system = old.managed_system
        if hmc is not None:
            system = ManagedSystem.objects.create(name=f"system of {name}", serial=name)
        lpar = Lpar.objects.create(
            host=_host(name, "lpar", self.endpoint),
            uuid=name,
            managed_system=system,
            hmc=hmc or old.hmc,
            team=self.team,
        )
        return replace(self, lpar=lpar)

    def plan(
        self, steps: Sequence[words.Step], restoration: Sequence[words.Step] = (), **more: Any
    ) -> words.Plan:
        """A plan for this LPAR; `hosts` are further ones."""
        hosts = {words.StepHost.LPAR: host_ref(self.endpoint), words.StepHost.HMC: host_ref(self.hmc)}
        return words.Plan(
            procedure="local_live_update",
            version=1,
            lpar={"name": "pay01", "partition": "pay01", "uuid": self.lpar.uuid},
            hosts=hosts | more.pop("hosts", {}),
            parameters={},
            steps=tuple(steps),
            restoration=tuple(restoration),
            **more,
        )

    def approved(self, plan: words.Plan, **changes: Any) -> Request:
        """An approved request for this plan, with its window open."""
        now = timezone.now()
        request = Request.objects.create(
            lpar=self.lpar,
            team=self.team,
            requester=self.requester,
            last_editor=self.requester,
            procedure=plan.procedure,
            reason="security fixes",
            state=RequestState.APPROVED,
            **{"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=2), **changes},
        )
        document = canonical_json(plan.document())
        row = Plan.objects.create(
            request=request,
            lpar=self.lpar,
            procedure=plan.procedure,
            document=document.decode(),
            digest=digest(document),
            summary="",
            verdict="ready",
            facts_read_at=now,
        )
        request.plan = row
        request.save()
        with transaction.atomic():
            enter_request(Event.REQUEST_CREATE, request, self.requester)
            enter_plan(request, row, Actor.portal())
            enter_request(Event.REQUEST_SUBMIT, request, self.requester, terms=terms_now(request)[0])
        self.decide(request, Approval.Decision.APPROVE)
        return request

    def decide(self, request: Request, decision: Approval.Decision) -> Approval:
        """A decision of the approver on the request's plan, in its table and in the ledger."""
        assert request.plan is not None
        plan_digest = request.plan.digest
        row = Approval.objects.create(
            plan=request.plan, person=self.approver, decision=decision, digest=plan_digest
        )
        with transaction.atomic():
            enter_decision(request, row)
        return row


def make_world(endpoint: Endpoint = NOWHERE, hmc: Endpoint = NOWHERE) -> World:
    """A new estate; the endpoints are where its LPAR and its HMC listen."""
    team = Team.objects.create(name="Payroll", slug="payroll")
    people = {}
    for name, role in (("ann", Role.REQUESTER), ("ivy", Role.APPROVER), ("olaf", Role.OPERATOR)):
        people[name] = User.objects.create(username=name)
        grant(people[name], role, team, by=Actor.command("tests"))
    host = _host("pay01", "lpar", endpoint)
    console = Hmc.objects.create(host=_host("hmc01", "hmc", hmc))
    system = ManagedSystem.objects.create(name="p9", serial="78A1234")
    lpar = Lpar.objects.create(
        host=host, uuid="0b6c2f1e-0000-4000-8000-000000000001", managed_system=system, hmc=console, team=team
    )
    return World(team, people["ann"], people["ivy"], people["olaf"], lpar, endpoint, hmc)


def _host(name: str, kind: str, endpoint: Endpoint) -> Host:
    credential = Credential.objects.create(name=f"{name}-key", reference=endpoint.credential)
    return Host.objects.create(
        name=name,
        kind=kind,
        address=endpoint.address,
        port=endpoint.port,
        account=endpoint.account,
        credential=credential,
    )


def host_ref(endpoint: Endpoint) -> words.HostRef:
    """An endpoint as a plan names it."""
    name = endpoint.name
    return words.HostRef(
        name, endpoint.address, endpoint.port, endpoint.account, endpoint.host_key, f"{name}-key"
    )


def sh(step_id: str, script: str, **more: Any) -> words.Step:
    """A step that runs a line of shell on the LPAR."""
    values: dict[str, Any] = {
        "phase": words.Phase.PREPARE,
        "title": step_id,
        "why": "a test",
        "host": words.StepHost.LPAR,
        "kind": words.StepKind.READ,
        "deadline_s": 30,
        "action": words.Run(Command(("sh", "-c", script))),
    }
    return words.Step(id=step_id, **(values | more))
