"""Requests whose plans are equal but for their target, for tests of decisions on many at a time."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from inventory.models import Host, Lpar
from liveupdate.actions.requests import Wish, create_request, submit_request
from liveupdate.control.likeness import likeness_of
from liveupdate.models import Plan, Request
from liveupdate.states import RequestState, Verdict
from portal.access.models import User
from portal.lib.canonical import canonical_json, digest
from portal.lib.clock import now

READY = Path(__file__).parent / "data" / "plans" / "local_live_update" / "ready.json"


def submitted_for(person: User, beside: Lpar, names: list[str], unlike: str = "") -> list[Request]:
    """A submitted request for a new LPAR of each name, made like `beside`; `unlike` has one argument more."""
    return [_submitted(person, _lpar(beside, name), name == unlike) for name in names]


def plan_for(lpar: str, *, extra: bool = False) -> dict[str, Any]:
    """A ready LPAR's plan, for an LPAR of this name; `extra` adds an argument to the update."""
    text = READY.read_text(encoding="utf-8").replace("pay01", lpar)
    plan: dict[str, Any] = json.loads(text)
    if extra:
        update = next(step for step in plan["steps"] if step["id"] == "update")
        update["action"]["argv"].append("-X")
    return plan


def with_plan(request: Request, document: dict[str, Any]) -> Request:
    """Give a request a plan, as a worker would."""
    text = canonical_json(document).decode()
    request.plan = Plan.objects.create(
        request=request,
        lpar=request.lpar,
        procedure=request.procedure,
        document=text,
        digest=digest(text.encode()),
        likeness=likeness_of(text),
        summary=f"Update of {request.lpar}",
        verdict=Verdict.READY,
        facts_read_at=now(),
    )
    request.state = RequestState.PLANNED
    request.save()
    return request


def _lpar(beside: Lpar, name: str) -> Lpar:
    host = Host.objects.create(
        name=name, kind="lpar", address="127.0.0.1", account="root", credential=beside.host.credential
    )
    return Lpar.objects.create(
        host=host, uuid=f"U-{name}", managed_system=beside.managed_system, hmc=beside.hmc, team=beside.team
    )


def _submitted(person: User, lpar: Lpar, extra: bool) -> Request:
    wish = Wish(
        procedure="local_live_update",
        media="nim01:/export/aix72/7200-05-04-2220_full",
        target_level="7200-05-04-2220",
        consents=(),
        reason="Security fixes",
        impact="",
        fallback="",
        starts_at=now(),
        ends_at=now() + timedelta(hours=2),
    )
    request = with_plan(create_request(person, lpar.pk, wish), plan_for(lpar.name, extra=extra))
    assert request.plan is not None
    return submit_request(person, request.pk, request.plan.digest)
