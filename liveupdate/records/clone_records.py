"""What the portal's tables say of an LPAR's rollback clone, and why it must stay."""

from django.conf import settings
from django.utils.timezone import localdate

from inventory.models import Lpar
from liveupdate.lpar.subject import CloneRecord
from liveupdate.models import Run, SignOff
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.procedures.procedure import Purpose
from liveupdate.states import RUN_TERMINAL, RunState

CHANGE_LEVELS = frozenset(
    name
    for name, procedure in PROCEDURES.items()
    if procedure.purpose is Purpose.UPDATE or name == "rollback"
)
"""The procedures whose runs a person signs off before clone or former rootvg may go."""


def clone_record_of(lpar: Lpar) -> CloneRecord:
    """The record of the clone, with the site's policy."""
    return CloneRecord(
        level=lpar.clone_level,
        made_at=lpar.clone_made_at,
        most_days=settings.PORTAL_CLONE_DAYS,
        own_only=settings.PORTAL_CLONE_OWN_ONLY,
        needed_for=_needed_for(lpar),
    )


def waits_for_sign_off(run: Run) -> bool:
    """Whether a run changed a level, is over, and nobody has signed it off."""
    ended = run.state in RUN_TERMINAL and run.started_at is not None
    return ended and run.request.procedure in CHANGE_LEVELS and not SignOff.objects.filter(run=run).exists()


def _needed_for(lpar: Lpar) -> str:
    last = (
        Run.objects.filter(lpar=lpar, request__procedure__in=CHANGE_LEVELS)
        .exclude(state=RunState.REFUSED)
        .select_related("request", "sign_off")
        .order_by("-id")
        .first()
    )
    if last is None:
        return ""
    if last.state not in RUN_TERMINAL:
        return f"Run {last.pk} is not over."
    if waits_for_sign_off(last):
        return f"Nobody has signed off run {last.pk} of {last.request.number}: its page asks for it."
    sign_off = getattr(last, "sign_off", None)
    if sign_off is not None and sign_off.keep_until > localdate():
        return f"{sign_off.by} signed off run {last.pk} and keeps the way back until {sign_off.keep_until}."
    return ""
