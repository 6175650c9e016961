"""Accept by name that a process goes on with replaced libraries."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from inventory.policies import visible_lpars
from liveupdate.models import StaleAcceptance
from liveupdate.procedures import words
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.errors import Invalid

MAY_ACCEPT = frozenset({Role.REQUESTER, Role.APPROVER, Role.ADMINISTRATOR})
LONGEST = timedelta(days=366)


def accept_stale(
    person: User, lpar_id: int, name: str, *, reason: str, good_until: date, whole_team: bool = False
) -> StaleAcceptance:
    """Keep that a process of this name may go on, on the LPAR or on every LPAR of its team.

    Raises Invalid for an LPAR one may not see, a name that no process has, no reason, or a last day that
    is over or more than a year away; NotAllowed.
    """
    words.program(name)
    if not reason.strip():
        raise Invalid(
            "An acceptance needs a reason.",
            remedy="Say why the old libraries do no harm.",
            code="reason_missing",
        )
    if not localdate() <= good_until <= localdate() + LONGEST:
        raise Invalid(
            f"An acceptance cannot be good until {good_until}.",
            remedy="Choose a day from today on, at most a year away.",
            code="date_not_possible",
        )
    lpar = visible_lpars(person).select_related("team", "host").filter(pk=lpar_id).first()
    if lpar is None:
        raise Invalid("There is no such LPAR among those you may see.", code="not_found")
    require(person, MAY_ACCEPT, lpar.team, f"accept {name} on {lpar}")
    with transaction.atomic():
        given = StaleAcceptance.objects.create(
            team=lpar.team,
            lpar=None if whole_team else lpar,
            name=name,
            reason=reason,
            by=person,
            good_until=good_until,
        )
        record(
            Event.STALE_ACCEPT,
            Actor.person(person.public_id),
            {"lpar": lpar.name},
            {
                "process": name,
                "team": lpar.team.slug if whole_team else "",
                "reason": reason,
                "good_until": good_until.isoformat(),
            },
        )
    return given
