"""By which terms a request is decided: its class of change, its risk, and the policy that holds for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liveupdate.control.policy import SHIPPED, ChangeClass
from liveupdate.control.risk import Risk, risk_of
from liveupdate.control.ruling import RISKS, Policy, Rule, allowance_for, rule_for
from liveupdate.lpar.consents import CONSENT_TITLES, Consent
from liveupdate.models import PolicyVersion, Request, StandardChange
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.records.policy_versions import (
    SHIPPED_DIGEST,
    digest_of_version,
    policy_named,
    policy_of,
    version_in_force,
)
from liveupdate.records.standard_changes import standard_change_of, template_counts
from liveupdate.states import RequestState
from portal.lib.clock import now
from portal.lib.errors import Conflict

HANDED_IN = frozenset(
    {
        RequestState.SUBMITTED,
        RequestState.APPROVED,
        RequestState.STARTED,
        RequestState.FINISHED,
        RequestState.REJECTED,
        RequestState.EXPIRED,
    }
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What was settled when a request was handed in; `template` is the digest of a standard change."""

    change: str
    environment: str
    risk: Risk
    policy: Policy
    policy_digest: str
    template: str = ""

    @property
    def rule(self) -> Rule:
        """The rule of the policy that fits."""
        return rule_for(self.policy, self.change, self.environment, self.risk.level)

    @property
    def allowance(self) -> int:
        """How many decisions may be missing when it starts."""
        return allowance_for(self.change)

    @property
    def confirm_minutes(self) -> int:
        """How long after its start an emergency may wait for its confirmation."""
        return self.policy["confirm_s"] // 60

    @property
    def data(self) -> dict[str, Any]:
        """The terms as the ledger holds them."""
        return {
            "change": self.change,
            "environment": self.environment,
            "risk": self.risk.level,
            "risk_reasons": list(self.risk.reasons),
            "policy": self.policy_digest,
            "template": self.template,
        }


def risk_of_request(request: Request) -> Risk:
    """The risk of a request's plan on its LPAR."""
    held = json.loads(request.plan.document) if request.plan else {}
    steps = held.get("steps", [])
    procedure = PROCEDURES.get(request.procedure)
    return risk_of(
        request.lpar.environment,
        moves_workload=procedure is not None and procedure.moves_workload,
        restarts=any(step.get("restarts") for step in steps),
        lasting=sum(not step.get("reversible", True) for step in steps),
        consents=[CONSENT_TITLES[Consent(name)] for name in request.consents],
    )


def terms_now(
    request: Request, *, emergency: bool = False
) -> tuple[Terms, PolicyVersion | None, StandardChange | None]:
    """The terms by which a request would be decided if it were handed in now, with their rows."""
    version = version_in_force(now())
    template = None if emergency else standard_change_of(request)
    change = ChangeClass.NORMAL if template is None else ChangeClass.STANDARD
    terms = Terms(
        ChangeClass.EMERGENCY if emergency else change,
        request.lpar.environment,
        risk_of_request(request),
        policy_of(version),
        digest_of_version(version),
        template.digest if template else "",
    )
    return terms, version, template


def terms_of(request: Request) -> Terms:
    """The terms of a request for pages: as it was handed in, else as it would be now."""
    if request.state not in HANDED_IN:
        return terms_now(request)[0]
    return Terms(
        request.change,
        request.environment,
        Risk(request.risk, tuple(request.risk_reasons)),
        policy_of(request.policy),
        digest_of_version(request.policy),
        request.template.digest if request.template else "",
    )


def terms_said(data: Mapping[str, Any]) -> Terms:
    """The terms that the ledger's entry of handing in holds; one without any is older than policies.

    Raises Conflict where the policy is not there, or the standard change does not count any more.
    """
    if "policy" not in data:
        return Terms(ChangeClass.NORMAL, "", Risk(RISKS[-1], ()), SHIPPED, SHIPPED_DIGEST)
    if data["change"] == ChangeClass.STANDARD and not template_counts(data["template"]):
        raise Conflict(
            "The standard change that this rests on does not count any more.",
            code="quorum",
            remedy="Plan it again, and submit it for a decision.",
        )
    return Terms(
        data["change"],
        data["environment"],
        Risk(data["risk"], tuple(data["risk_reasons"])),
        policy_named(data["policy"]),
        data["policy"],
        data["template"],
    )
