"""Enters what a signed-in person was not allowed to do (NIST SP 800-53 CM-5(1), PCI DSS 10.2.1.4)."""

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from portal.access.models import User
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.models import Intake
from portal.audit.outcomes import REFUSED as REFUSAL
from portal.audit.record import record
from portal.web.errors import REFUSED

AGAIN_AFTER_S = 60
"""Seconds for which one entry stands for the same refusal to the same person, however often they try."""
DENIALS = frozenset({403, 429})
NOT_A_DENIAL = frozenset({"stale_form", "step_up_needed", "second_factor_missing"})
"""Refusals that ask for something which the person can give at once."""


def enter_denial(request: HttpRequest, response: HttpResponseBase, action: str) -> None:
    """Enter that the answer refuses somebody who is signed in something; nothing for another answer.

    `action` is the act: where its entries say already that it was refused, that is enough.
    """
    code, person = getattr(response, REFUSED, ""), getattr(request, "user", None)
    if (
        response.status_code not in DENIALS
        or not code
        or code in NOT_A_DENIAL
        or not isinstance(person, User)
    ):
        return
    if Intake.objects.filter(action=action, outcome=REFUSAL).exists():
        return
    page = getattr(request.resolver_match, "view_name", "")
    if not cache.add(f"denied:{person.pk}:{request.method}:{page}:{code}", 1, AGAIN_AFTER_S):
        return
    said = {"method": str(request.method), "page": page, "path": request.path[:200], "why": code}
    with transaction.atomic():
        record(Event.ACCESS_DENIED, Actor.person(person.public_id), {}, said)
