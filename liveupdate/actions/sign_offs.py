"""Sign a run off: the update is good, and from a day on its way back may go."""

from datetime import timedelta

from django.db import transaction
from django.utils.timezone import localdate

from liveupdate.models import Run, SignOff
from liveupdate.records.clone_records import waits_for_sign_off
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.errors import Conflict, Invalid

MAY_SIGN = frozenset({Role.REQUESTER, Role.APPROVER})
MOST_DAYS = 365


def sign_off(run_id: int, person: User, *, reason: str, keep_days: int) -> SignOff:
    """Keep a person's sign-off of a run that changed a level; clone and former rootvg stay `keep_days` more.

    Raises NotAllowed, Invalid without a reason or for days out of range, Conflict when the run waits for
    no sign-off.
    """
    if not reason.strip():
        raise Invalid("A sign-off needs a reason.", remedy="Say what was checked.", code="reason_missing")
    if not 0 <= keep_days <= MOST_DAYS:
        raise Invalid(
            f"{keep_days} days cannot be kept.",
            remedy=f"Choose 0 to {MOST_DAYS} days.",
            code="date_not_possible",
        )
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        request = run.request
        require(person, MAY_SIGN, request.team, f"sign off {run}")
        if not waits_for_sign_off(run):
            raise Conflict(f"{str(run).capitalize()} waits for no sign-off.", code="waits_for_nobody")
        signed = SignOff.objects.create(
            run=run, by=person, reason=reason, keep_until=localdate() + timedelta(days=keep_days)
        )
        record(
            Event.RUN_SIGN_OFF,
            Actor.person(person.public_id),
            {"request": request.number, "run": run.pk, "lpar": run.lpar.name},
            {"reason": reason, "keep_until": signed.keep_until.isoformat()},
        )
    return signed
