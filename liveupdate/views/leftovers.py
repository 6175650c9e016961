"""What Live Updates left: the list, and one leftover with who takes care of it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.leftovers import MAY_CARE, close_leftover, take_leftover
from liveupdate.lpar.residue import CARE, LeftoverKind
from liveupdate.models import Leftover
from liveupdate.pages.filters import LeftoverFilter
from liveupdate.pages.forms import CareForm, ReasonForm, values_of
from liveupdate.pages.tables import LeftoverTable
from liveupdate.policies import may_request
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.queries import visible_leftovers
from portal.access.policies import require, roles
from portal.access.requests import person_of
from portal.web.lists import ListView


class LeftoverListView(ListView):
    """The open leftovers of the person's teams, or all, the most urgent first."""

    table_class = LeftoverTable
    filterset_class = LeftoverFilter
    heading = "Leftovers"
    lead = "What Live Updates left, who takes care of it, and by when it has to be gone"
    empty = "Nothing is left that the portal knows of."
    export_name = "leftovers"

    def get_queryset(self) -> QuerySet[Leftover]:
        """What the person may see."""
        return visible_leftovers(self.request.user).select_related("lpar__host", "lpar__team", "owner")


class LeftoverView(TemplateView):
    """One leftover."""

    template_name = "liveupdate/leftover.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`leftover`, the procedure that takes it away for who may ask for it, and the forms for who may
        take care of it while it is open.
        """
        person = person_of(self.request)
        rows = visible_leftovers(person).select_related(
            "lpar__host", "lpar__team", "owner", "closed_by", "run"
        )
        leftover = get_object_or_404(rows, pk=self.kwargs["pk"])
        may_care = leftover.closed_at is None and roles(person, leftover.lpar.team) & MAY_CARE
        may_ask = leftover.closed_at is None and may_request(person, leftover.lpar.team)
        return super().get_context_data(
            leftover=leftover,
            procedure=PROCEDURES.get(CARE[LeftoverKind(leftover.kind)].procedure) if may_ask else None,
            care_form=CareForm(initial={"due_on": leftover.due_on}) if may_care else None,
            close_form=ReasonForm() if may_care else None,
            **kwargs,
        )


class LeftoverActionView(View):
    """Take care of a leftover, or close it."""

    http_method_names = ["post"]
    verb = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do it and go back to the leftover."""
        person = person_of(request)
        leftover = get_object_or_404(visible_leftovers(person).select_related("lpar__team"), pk=pk)
        require(person, MAY_CARE, leftover.lpar.team, "take care of this leftover")
        if self.verb == "take":
            wanted = values_of(CareForm(request.POST))
            take_leftover(person, pk, wanted["due_on"], wanted["reason"])
            messages.success(request, "It is yours until then.")
        else:
            close_leftover(person, pk, values_of(ReasonForm(request.POST))["reason"])
            messages.success(request, "Closed.")
        return redirect("leftover", pk=pk)
