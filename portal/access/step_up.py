"""Proof that the person of a session is really there: what they gave, when, and for which action.

A page that asks for such a proof calls `require_proof`; whoever has not given it is led to the page
that asks for it, and back. Actions take what was given (`Factor`) and enter it in the ledger.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from portal.access.factors import Factor
from portal.access.policies import roles_anywhere
from portal.lib.clock import now, rfc3339
from portal.lib.errors import NotAllowed

PROOFS = "proofs"
"""Of the session's data: action (empty: any that is not bound) → factor and time."""
SIGNED_IN_WITH = "signed_in_with"


@dataclass(frozen=True, slots=True)
class Proof:
    """What was given in this session, and when."""

    factor: Factor
    at: datetime


class StepUpNeeded(NotAllowed):
    """The person is known, but has to prove again that it is them: `SessionRulesMiddleware` leads there."""

    code = "step_up_needed"

    def __init__(self, wanted: Factor, action: str = "") -> None:
        what = "your second factor" if wanted is Factor.SECOND_FACTOR else "your password"
        super().__init__(
            f"This needs {what}, given in the last {settings.PORTAL_STEP_UP_MINUTES} min.",
            remedy="Confirm that it is you, then do it again.",
        )
        self.wanted = wanted
        self.action = action


class SecondFactorMissing(NotAllowed):
    """A role of the person needs a second factor, and this session was opened without."""

    code = "second_factor_missing"

    def __init__(self) -> None:
        super().__init__(
            "A role of yours needs a second factor, and you signed in without one.",
            remedy="Set it up on the page of your account.",
        )


def confirm_address(wanted: Factor, action: str = "", *, onward: str) -> str:
    """The page that asks for a proof and leads `onward` from there."""
    return f"{reverse('confirm')}?{urlencode({'wanted': wanted, 'action': action, 'next': onward})}"


def prove(request: HttpRequest, factor: Factor, action: str = "") -> None:
    """Keep in the session that the person gave `factor` now; with `action`, for this one alone."""
    request.session[PROOFS] = {
        **request.session.get(PROOFS, {}),
        action: {"factor": factor.value, "at": rfc3339(now())},
    }


def proof_of(request: HttpRequest, action: str = "") -> Proof | None:
    """What was given in this session lately, for this action; None where it is too long ago."""
    kept = request.session.get(PROOFS, {}).get(action)
    if kept is None:
        return None
    proof = Proof(Factor(kept["factor"]), datetime.fromisoformat(kept["at"]))
    fresh = now() - proof.at <= timedelta(minutes=settings.PORTAL_STEP_UP_MINUTES)
    return proof if fresh else None


def factor_of(request: HttpRequest, action: str = "") -> Factor:
    """The strength of what was given in this session lately."""
    proof = proof_of(request, action)
    return proof.factor if proof else Factor.NONE


def require_proof(request: HttpRequest, wanted: Factor, action: str = "") -> None:
    """Raise StepUpNeeded unless `wanted` or stronger was given lately. For an action it counts once."""
    if not factor_of(request, action).satisfies(wanted):
        raise StepUpNeeded(wanted, action)
    if action and wanted is not Factor.NONE:
        rest = {name: kept for name, kept in request.session[PROOFS].items() if name != action}
        request.session[PROOFS] = rest


def signed_in_with(request: HttpRequest) -> Factor:
    """What this session was opened with, or strengthened by since."""
    return Factor(request.session.get(SIGNED_IN_WITH, Factor.PASSWORD))


def keep_signed_in_with(request: HttpRequest, factor: Factor) -> None:
    """Keep what the session was opened with; that is its first proof."""
    request.session[SIGNED_IN_WITH] = factor.value
    prove(request, factor)


def must_enrol(request: HttpRequest) -> bool:
    """Whether a role of the signed-in person needs a second factor that this session was opened without."""
    if not settings.PORTAL_SECOND_FACTOR_ROLES or not request.user.is_authenticated:
        return False
    if signed_in_with(request) is Factor.SECOND_FACTOR:
        return False
    return bool(roles_anywhere(request.user) & set(settings.PORTAL_SECOND_FACTOR_ROLES))
