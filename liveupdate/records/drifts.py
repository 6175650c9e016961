"""What a plan was approved against, as rows and ledger agree on it, and what differs from it now."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from inventory.facts.base import FactSet
from liveupdate.control.drift import Basis, Drift, Rule, Rules, drifts, rules
from liveupdate.lpar.basis import basis_of
from liveupdate.models import Plan, Request
from liveupdate.procedures.step import StepHost
from liveupdate.records.subjects import plan_hosts, subject_of_request
from portal.audit.events import Event
from portal.audit.said import said_of
from portal.lib.canonical import canonical_json, digest
from portal.lib.errors import Conflict


def site_rules() -> Rules:
    """The rules for drift as this site has them."""
    return rules(settings.PORTAL_DRIFT_RULES)


def basis_now(request: Request, facts: FactSet) -> dict[str, str]:
    """What a plan for the request would rest on by these facts."""
    key = plan_hosts(request.lpar)[StepHost.HMC].host_key
    return {**basis_of(subject_of_request(request, facts)), "hmc_host_key": key}


def basis_digest(basis: Mapping[str, str]) -> str:
    """The digest by which the ledger names a basis."""
    return digest(canonical_json(dict(basis)))


def drifts_of(request: Request, facts: FactSet) -> list[Drift]:
    """What is another by these facts than when the request's plan was approved.

    Raises Conflict when the stored basis is not the one that the ledger names.
    """
    assert request.plan is not None
    return drifts(approved_basis(request.plan), basis_now(request, facts), site_rules())


def approved_basis(plan: Plan) -> Basis:
    """What a plan is approved against: as it was frozen, or as a later drift was accepted.

    Raises Conflict when the stored one is not the one that the ledger names.
    """
    newest = plan.drifts.exclude(outcome=Rule.VOID).last()
    basis: dict[str, str] = newest.basis if newest else plan.basis
    if basis_digest(basis) != _entered(plan):
        raise Conflict(
            f"What the plan of {plan.request} was approved against is not what the ledger says.",
            remedy="Have an auditor verify the ledger; then plan again.",
            code="basis_altered",
        )
    return basis


def _entered(plan: Plan) -> str:
    """The digest of the plan's basis by the ledger; that of an empty one where it names none."""
    assert plan.request is not None
    for entry in said_of(plan.request.number, (Event.PLAN_FREEZE, Event.DRIFT_FOUND)):
        data: dict[str, Any] = entry["d"]
        if data.get("plan") == plan.pk and "basis_digest" in data:
            return str(data["basis_digest"])
    return basis_digest({})
