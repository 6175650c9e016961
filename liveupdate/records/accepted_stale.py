"""The processes on replaced libraries that people accept today, for an LPAR."""

from django.utils.timezone import localdate

from inventory.models import Lpar
from liveupdate.models import StaleAcceptance


def standing_acceptances(lpar: Lpar) -> dict[str, StaleAcceptance]:
    """The newest acceptance that still holds, by the process's name."""
    rows = StaleAcceptance.objects.filter(StaleAcceptance.concerning(lpar), good_until__gte=localdate())
    return {row.name: row for row in rows.select_related("by", "lpar__host", "team").order_by("id")}
