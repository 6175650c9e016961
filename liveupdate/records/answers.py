"""The answers that count today for an LPAR."""

from django.utils.timezone import localdate

from inventory.models import Lpar
from liveupdate.lpar.subject import Answer
from liveupdate.models import GivenAnswer


def standing_answers(lpar: Lpar) -> dict[str, Answer]:
    """The newest answer to each requirement, by requirement, without those whose last day is over."""
    newest: dict[str, GivenAnswer] = {}
    for given in GivenAnswer.objects.filter(lpar=lpar).select_related("by").order_by("id"):
        newest[given.check_id] = given
    return {check_id: _plain(given) for check_id, given in newest.items() if given.good_until >= localdate()}


def _plain(given: GivenAnswer) -> Answer:
    return Answer(
        holds=given.holds,
        reason=given.reason,
        by=str(given.by),
        given_on=localdate(given.given_at).isoformat(),
        good_until=given.good_until.isoformat(),
    )
