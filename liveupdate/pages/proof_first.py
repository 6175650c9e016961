"""The proof that a decision will ask for, offered beside its form, and what was typed before it was asked."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from liveupdate.control.ruling import EMERGENCY_FACTOR
from liveupdate.models import Request
from liveupdate.policies import factor_wanted
from liveupdate.records.ladders import standing_of
from portal.access.factors import Factor
from portal.access.step_up import factor_of
from portal.access.unsent import unsent


@dataclass(frozen=True, slots=True)
class ProofFirst:
    """What is asked for."""

    wanted: Factor

    @property
    def what(self) -> str:
        """In words."""
        return "a code of your second factor" if self.wanted is Factor.SECOND_FACTOR else "your password"


def proofs_first(http: HttpRequest, shown: dict[str, Any]) -> dict[str, Any]:
    """What a review's forms still need: `approve_proof`, `urgent_proof`; and `kept`, whether anything that
    was typed is back in them; `alike_comment` is that of the form for several plans.
    """
    asked: Request = shown["asked"]
    about = asked.plan.digest if asked.plan else ""
    approve_form, urgent_form = shown.get("approve_form"), shown.get("urgent_form")
    offered: dict[str, Any] = {"kept": False, "alike_comment": ""}
    if approve_form:
        wanted = factor_wanted(standing_of(asked).case["rule"])
        offered["approve_proof"] = _missing(http, wanted)
        offered["kept"] |= _give_back(http, approve_form, "approve", about)
        offered["alike_comment"] = unsent(http, "approve-alike", about).get("comment", "")
    if urgent_form:
        offered["urgent_proof"] = _missing(http, Factor(EMERGENCY_FACTOR))
        offered["kept"] |= _give_back(http, urgent_form, "submit-urgent", about)
    offered["kept"] |= bool(offered["alike_comment"])
    return offered


def _give_back(http: HttpRequest, form: Any, name: str, about: str) -> bool:
    typed = unsent(http, name, about)
    form.initial.update(typed)
    return any(typed.values())


def _missing(http: HttpRequest, wanted: Factor) -> ProofFirst | None:
    return None if factor_of(http).satisfies(wanted) else ProofFirst(wanted)
