"""Changes outside the process: the list, and one with its explanation and its end."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.outside_changes import (
    EXPLAINERS,
    close,
    explain,
    visible_outside_changes,
    why_not_close,
)
from liveupdate.models import OutsideChange
from liveupdate.pages.filters import OutsideChangeFilter
from liveupdate.pages.forms import ConclusionForm, ExplainForm
from liveupdate.pages.tables import OutsideChangeTable
from portal.access.policies import roles
from portal.access.requests import person_of
from portal.web.lists import ListView


class OutsideChangeListView(ListView):
    """The changes that no run explains, of the person's teams."""

    table_class = OutsideChangeTable
    filterset_class = OutsideChangeFilter
    heading = "Changes outside the process"
    lead = "Software that looks found changed although no run was under way"
    empty = "Every change that looks saw is a run's."
    export_name = "outside-changes"

    def get_queryset(self) -> QuerySet[OutsideChange]:
        """What the person may see."""
        return visible_outside_changes(person_of(self.request))


class OutsideChangeView(TemplateView):
    """One such change: what differs, who explained it, who closed it."""

    template_name = "liveupdate/outside_change.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`change`, `rows` of what differs, the forms for who may use them, and why closing is refused."""
        person = person_of(self.request)
        change = get_object_or_404(visible_outside_changes(person), pk=self.kwargs["pk"])
        before, after = change.before, change.snapshot
        explains = not change.closed_at and roles(person, after.lpar.team) & EXPLAINERS
        said = {"explanation": change.explanation, "ticket": change.ticket}
        refusal = why_not_close(person, change)
        return super().get_context_data(
            change=change,
            rows=(
                ("Level", before.level, after.level),
                ("Filesets", before.filesets_digest[:19], after.filesets_digest[:19]),
                ("Interim fixes", before.ifixes_digest[:19], after.ifixes_digest[:19]),
                ("Started (its own clock)", before.booted, after.booted),
                ("Partition id", before.partition, after.partition),
            ),
            explain_form=ExplainForm(initial=said) if explains else None,
            close_form=None if refusal else ConclusionForm(),
            refusal="" if change.closed_at else refusal,
            **kwargs,
        )


class OutsideChangeActionView(View):
    """Explain a change, or close it."""

    http_method_names = ["post"]
    verb = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do it and go back to the change. Raises NotAllowed, Invalid, Conflict."""
        person = person_of(request)
        get_object_or_404(visible_outside_changes(person), pk=pk)
        if self.verb == "explain":
            explain(person, pk, request.POST.get("explanation", ""), request.POST.get("ticket", ""))
            messages.success(request, "Explained. Somebody else has to close it.")
        else:
            close(person, pk, request.POST.get("conclusion", ""))
            messages.success(request, "Closed.")
        return redirect("outside-change", pk=pk)
