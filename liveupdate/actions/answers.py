"""Answer for an LPAR what no command can tell."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from inventory.policies import visible_lpars
from liveupdate.actions.looks import lpar_with_hosts
from liveupdate.actions.verdicts import judge_again
from liveupdate.models import GivenAnswer
from liveupdate.readiness.catalogue import QUESTIONS
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.errors import Invalid

MAY_ANSWER = frozenset({Role.REQUESTER, Role.APPROVER, Role.OPERATOR, Role.ADMINISTRATOR})
LONGEST = timedelta(days=366)


def give_answer(
    person: User, lpar_id: int, check_id: str, *, holds: bool, reason: str, good_until: date
) -> GivenAnswer:
    """Keep a person's answer and judge the LPAR anew by the facts read last.

    Raises Invalid for an LPAR one may not see, a requirement without question, or a last day that is
    over or more than a year away; NotAllowed.
    """
    if check_id not in QUESTIONS:
        raise Invalid(
            f"{check_id} asks people nothing.",
            remedy="Choose a requirement with a question.",
            code="asks_nobody",
        )
    if not localdate() <= good_until <= localdate() + LONGEST:
        raise Invalid(
            f"An answer cannot be good until {good_until}.",
            remedy="Choose a day from today on, at most a year away.",
            code="date_not_possible",
        )
    if not visible_lpars(person).filter(pk=lpar_id).exists():
        raise Invalid("There is no such LPAR among those you may see.", code="not_found")
    lpar = lpar_with_hosts(lpar_id)
    require(person, MAY_ANSWER, lpar.team, f"answer for {lpar}")
    with transaction.atomic():
        given = GivenAnswer.objects.create(
            lpar=lpar, check_id=check_id, holds=holds, reason=reason, by=person, good_until=good_until
        )
        record(
            Event.READINESS_ANSWER,
            Actor.person(person.public_id),
            {"lpar": lpar.name},
            {"check": check_id, "holds": holds, "reason": reason, "good_until": good_until.isoformat()},
        )
        judge_again(lpar)
    return given
