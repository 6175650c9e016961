"""Reading the facts of many LPARs at once, and the schedules by which that happens by itself."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from inventory.filters import LparFilter
from inventory.freshness import STALE
from inventory.models import Lpar
from inventory.policies import administers, visible_lpars
from liveupdate.actions.refreshes import ask_for_looks, progress_of, troubles_first
from liveupdate.actions.schedules import remove_schedule, set_schedule
from liveupdate.models import Refresh, RefreshSchedule
from liveupdate.pages.schedule_form import ScheduleForm
from portal.access.policies import SEE_EVERYTHING, require
from portal.access.requests import person_of
from portal.lib.errors import Invalid

SHOWN = 100
"""LPARs of a refresh that its page lists."""


class AskForLooksView(View):
    """Have the facts of all LPARs that a filter leaves read."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask, and show how far it is. Raises Invalid."""
        person = person_of(request)
        chosen = LparFilter(request.GET, queryset=visible_lpars(person), request=request)
        if not chosen.is_valid():
            raise Invalid(
                "This filter has a value that it cannot take.",
                remedy="Go back and change it.",
                code="filter_not_possible",
            )
        set_ones = {name: value for name, value in request.GET.items() if name in chosen.filters and value}
        words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in set_ones.items())
        refresh = ask_for_looks(person, chosen.qs, words or "all LPARs that you may see")
        return redirect("refresh", pk=refresh.pk)


class RefreshView(TemplateView):
    """How far a refresh is, and what became of each LPAR."""

    template_name = "liveupdate/refresh.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`refresh`, `progress`, the first `lpars` and how many more there are."""
        own = Refresh.objects.filter(asked_by=person_of(self.request))
        refresh = get_object_or_404(own, pk=kwargs["pk"])
        progress = progress_of(refresh)
        return super().get_context_data(
            refresh=refresh,
            progress=progress,
            lpars=troubles_first(refresh)[:SHOWN],
            more=max(0, progress.total - SHOWN),
            **kwargs,
        )


class SchedulesView(TemplateView):
    """Whose facts are read how often, and what of the fleet is due, too old, or in no schedule."""

    template_name = "liveupdate/schedules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`schedules`, `counts`, and the form for who may change them. Raises NotAllowed."""
        person = person_of(self.request)
        require(person, SEE_EVERYTHING, None, "see the refresh schedules")
        form = kwargs.pop("form", None) or ScheduleForm()
        return super().get_context_data(
            schedules=RefreshSchedule.objects.select_related("team", "changed_by"),
            counts=Lpar.objects.in_service().aggregate(
                lpars=Count("pk"),
                unscheduled=Count("pk", filter=Q(next_look_at=None)),
                too_old=Count("pk", filter=STALE),
                never=Count("pk", filter=Q(facts_read_at=None)),
            ),
            form=form if administers(person) else None,
            per_hmc=settings.PORTAL_LOOKS_PER_HMC,
            at_once=settings.PORTAL_LOOKS_AT_ONCE,
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set a group's schedule. Raises NotAllowed, Invalid."""
        form = ScheduleForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        wanted = form.cleaned_data
        try:
            schedule = set_schedule(
                person_of(request),
                wanted["team"],
                wanted["environment"],
                every_minutes=wanted["every_minutes"],
                good_for_minutes=wanted["good_for_minutes"],
            )
        except Invalid as refused:
            form.add_error(None, f"{refused.message} {refused.remedy}".strip())
            return self.render_to_response(self.get_context_data(form=form), status=400)
        messages.success(request, f"The schedule for {schedule} is set.")
        return redirect("schedules")


class RemoveScheduleView(View):
    """Take a group's schedule away."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Remove it. Raises NotAllowed, Conflict."""
        messages.success(request, f"{remove_schedule(person_of(request), pk)}: no schedule any more.")
        return redirect("schedules")
