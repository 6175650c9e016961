"""Standard changes and emergencies: what was decided in advance, and what is looked back at afterwards."""

from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.emergencies import close_emergency, visible_emergencies, why_not_close
from liveupdate.actions.standard_changes import (
    ENDS,
    approve_standard_change,
    end_standard_change,
    visible_standard_changes,
    why_not_approve,
    write_standard_change,
)
from liveupdate.models import StandardChange
from liveupdate.pages.standard_change import allowed_by
from liveupdate.policies import visible_requests
from portal.access.models import User
from portal.access.policies import roles
from portal.access.requests import person_of


class StandardChangesView(TemplateView):
    """The templates, and who may approve or end each."""

    template_name = "liveupdate/policy/standard_changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`rows` of a template, what it allows, why the person may not approve it, if they may end it."""
        person = person_of(self.request)
        rows = [
            (each, allowed_by(each), why_not_approve(person, each), _may_end(person, each))
            for each in visible_standard_changes(person)
        ]
        return super().get_context_data(rows=rows, **kwargs)


def _may_end(person: User, template: StandardChange) -> bool:
    return not template.ended_at and bool(roles(person, template.team) & ENDS)


class StandardChangeActionView(View):
    """Approve a template, or end it."""

    http_method_names = ["post"]
    verb = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do it. Raises NotAllowed, Conflict."""
        person = person_of(request)
        get_object_or_404(visible_standard_changes(person), pk=pk)
        if self.verb == "approve":
            template = approve_standard_change(person, pk, request.POST.get("digest", ""))
            messages.success(request, f"“{template}” is approved: requests that match it need no decision.")
        else:
            messages.success(request, f"“{end_standard_change(person, pk)}” counts no more.")
        return redirect("standard-changes")


class WriteStandardChangeView(View):
    """Make a template of a request."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do it. Raises NotAllowed, Invalid, Conflict."""
        get_object_or_404(visible_requests(request.user), pk=pk)
        template = write_standard_change(person_of(request), pk, request.POST.get("title", ""))
        messages.success(request, f"“{template}” is written. Somebody else has to approve it.")
        return redirect("standard-changes")


class EmergenciesView(TemplateView):
    """The emergencies, those that nobody has looked back at first."""

    template_name = "liveupdate/policy/emergencies.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`rows` of an emergency, and why the person may not close it."""
        person = person_of(self.request)
        found = visible_emergencies(person).order_by(F("closed_at").asc(nulls_first=True), "due_on", "-pk")
        rows = [(each, why_not_close(person, each)) for each in found]
        return super().get_context_data(rows=rows, **kwargs)


class CloseEmergencyView(View):
    """Close an emergency with what was found."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do it. Raises NotAllowed, Invalid, Conflict."""
        person = person_of(request)
        get_object_or_404(visible_emergencies(person), pk=pk)
        closed = close_emergency(person, pk, request.POST.get("findings", ""))
        messages.success(request, f"{closed.incident} is closed.")
        return redirect("emergencies")
