"""Judge again what was judged by other rules, or by an answer that has run out; asks no host."""

from django.db.models import Q
from django.utils.timezone import localdate

from inventory.models import Lpar
from liveupdate.actions.looks import lpar_with_hosts
from liveupdate.actions.verdicts import judge_again
from liveupdate.rules import rules_digest

AT_ONCE = 8
"""LPARs that one scan of a worker takes up."""


def waiting_judgements() -> list[int]:
    """LPARs whose verdict is not what today's rules and answers give from the facts read last."""
    old = ~Q(judged_by=rules_digest()) | Q(judge_again_on__lte=localdate())
    judged = Lpar.objects.in_service().exclude(facts_read_at=None).filter(old)
    return list(judged.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def do_judge(lpar_id: int) -> None:
    """Judge an LPAR by the facts read last; doing it twice does no harm."""
    judge_again(lpar_with_hosts(lpar_id))
