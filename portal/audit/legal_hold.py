"""Legal holds: what one touches is neither pruned nor withheld. One person places it, two end it."""

import json
from dataclasses import dataclass

from django.db import transaction

from portal.audit.actor import Actor
from portal.audit.ceremony import Ceremony, Confirmation
from portal.audit.events import Event
from portal.audit.models import Entry, Intake
from portal.audit.record import record
from portal.lib.errors import Conflict, Invalid

COMMAND = "legal_hold"


@dataclass(frozen=True, slots=True)
class LegalHold:
    """A hold by its number (the id of its entry's row), on one request or (empty) on the whole ledger."""

    number: int
    request: str
    reason: str


def place(confirmation: Confirmation, request: str, reason: str) -> LegalHold:
    """Place a hold on a request (as `R-000104`), or on everything where it is empty. Raises Invalid."""
    if request and not Intake.objects.filter(request=request).exists():
        raise Invalid(f"The ledger knows of no request {request}.", code="unknown_name")
    people = [{"user": confirmation.user, "factor": confirmation.factor}]
    with transaction.atomic():
        entered = record(
            Event.LEGAL_HOLD_PLACE,
            Actor.command(COMMAND),
            {},
            {"held": request, "reason": reason, "people": people},
        )
    return LegalHold(entered.pk, request, reason)


def end(ceremony: Ceremony, number: int) -> None:
    """End a hold, by two people. Raises Invalid where there is none of this number."""
    if number not in {hold.number for hold in legal_holds()}:
        raise Invalid(f"There is no legal hold {number}.", code="no_legal_hold")
    with transaction.atomic():
        record(Event.LEGAL_HOLD_END, Actor.command(COMMAND), {}, {"hold": number, **ceremony.told()})


def legal_holds() -> list[LegalHold]:
    """Those that last, the oldest first."""
    rows = Intake.objects.filter(event__in=[Event.LEGAL_HOLD_PLACE, Event.LEGAL_HOLD_END]).order_by("id")
    lasting: dict[int, LegalHold] = {}
    for number, event, content in rows.values_list("id", "event", "content"):
        said = json.loads(bytes(content))["d"]
        if event == Event.LEGAL_HOLD_PLACE:
            lasting[number] = LegalHold(number, said["held"], said["reason"])
        else:
            lasting.pop(said["hold"], None)
    return list(lasting.values())


def require_no_hold(places: range) -> None:
    """Raise Conflict where a hold touches an entry at one of these places."""
    for hold in legal_holds():
        touched = Entry.objects.filter(seq__gte=places.start, seq__lt=places.stop)
        if hold.request:
            touched = touched.filter(intake__request=hold.request)
        if touched.exists():
            held = hold.request or "the whole ledger"
            raise Conflict(
                f"The legal hold {hold.number} on {held} forbids it: {hold.reason}",
                remedy=f"Two people end it first: manage.py legal_hold --end {hold.number}.",
                code="legal_hold",
            )
