"""Facts that are too old carry no verdict: it counts as unknown, in lists and in numbers."""

from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now

STALE = Q(stale_at__isnull=False, stale_at__lte=Now())
"""LPARs whose facts are older than their refresh schedule lets them be."""
UNKNOWN = "unknown"


def with_verdict(verdict: str) -> Q:
    """The condition on LPARs that they are shown with this verdict."""
    stands = Q(verdict=verdict)
    return stands | STALE if verdict == UNKNOWN else stands & ~STALE


def verdict_shown() -> Case:
    """The verdict as it is shown (`Lpar.shown_verdict`), for grouping and sorting."""
    return Case(When(STALE, then=Value(UNKNOWN)), default=F("verdict"))
