"""NIM masters: their objects, what their resources hold, and what is missing."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from inventory.actions.discovery import MAY_ASK
from inventory.filters import NimObjectFilter
from inventory.models import LiveUpdateData, LppSource, NimMaster, NimObject
from inventory.nim_view import counts, gaps, hmc_filesets, secrets
from inventory.policies import visible_hosts
from inventory.tables import NimObjectTable
from portal.access.policies import Person, roles
from portal.web.lists import ListView

MOST_GAPS = 50


def visible_masters(person: Person) -> QuerySet[NimMaster]:
    """The NIM masters of the hosts that a person may see."""
    return NimMaster.objects.filter(host__in=visible_hosts(person)).select_related("host")


class NimMasterView(TemplateView):
    """One NIM master: what is missing, its lpp_sources and live_update_data with digests, its objects."""

    template_name = "inventory/nim_master.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`master`, `gaps`, `secrets`, `counts`, `sources`, `data`, `hmc_filesets`."""
        master = get_object_or_404(visible_masters(self.request.user), pk=kwargs["pk"])
        found = gaps(master)
        newest = master.nim_objects.order_by("-read_at").values_list("read_at", flat=True).first()
        in_service = {"nim_object__master": master, "nim_object__retired_at": None}
        sources = LppSource.objects.filter(**in_service).defer("packages").select_related("nim_object")
        return super().get_context_data(
            master=master,
            host=master.host,
            read_at=newest,
            gaps=found[:MOST_GAPS],
            more_gaps=max(0, len(found) - MOST_GAPS),
            secrets=secrets(master),
            counts=counts(master),
            sources=sources.prefetch_related("ifixes"),
            data=LiveUpdateData.objects.filter(**in_service).select_related("nim_object"),
            hmc_filesets=hmc_filesets(master),
            may_discover=bool(roles(self.request.user, None) & MAY_ASK),
            **kwargs,
        )


class LppSourceView(TemplateView):
    """Everything in one lpp_source."""

    template_name = "inventory/lpp_source.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`source` with its master, `packages`, `ifixes`."""
        sources = LppSource.objects.filter(nim_object__master__in=visible_masters(self.request.user))
        source = get_object_or_404(sources.select_related("nim_object__master__host"), pk=kwargs["pk"])
        return super().get_context_data(
            source=source,
            resource=source.nim_object,
            master=source.nim_object.master,
            packages=source.packages or [],
            ifixes=source.ifixes.all(),
            **kwargs,
        )


class NimObjectListView(ListView):
    """The objects of one NIM master."""

    template_name = "inventory/nim_objects.html"
    table_class = NimObjectTable
    filterset_class = NimObjectFilter
    lead = "Machines, management objects and resources as lsnim listed them"
    empty = "Nothing was read of this NIM master yet."
    export_name = "nim-objects"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Whose objects they are, and the list's name."""
        super().setup(request, *args, **kwargs)
        self.master = get_object_or_404(visible_masters(request.user), pk=kwargs["pk"])
        self.heading = f"NIM objects of {self.master}"

    def get_queryset(self) -> QuerySet[NimObject]:
        """All that was not retired."""
        return self.master.nim_objects.in_service().select_related("lpar__host")
