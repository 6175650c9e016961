"""The list of LPARs."""

from django.db.models import QuerySet

from inventory.filters import RETIRED, LparListFilter
from inventory.models import Lpar
from inventory.policies import visible_lpars
from inventory.tables import LparTable
from portal.web.lists import ListView


class LparListView(ListView):
    """The LPARs of the person's teams, or all."""

    template_name = "inventory/lpars.html"
    table_class = LparTable
    filterset_class = LparListFilter
    heading = "LPARs"
    lead = "What each one runs, and whether a Live Update of it is possible"
    empty = "No LPAR belongs to your teams yet. An administrator imports hosts."
    export_name = "lpars"

    def get_queryset(self) -> QuerySet[Lpar]:
        """What the person may see; retired ones when they are asked for."""
        is_about_retired = self.request.GET.get("retired") == RETIRED
        rows = visible_lpars(self.request.user, with_retired=is_about_retired)
        return rows.select_related("host", "team", "managed_system")
