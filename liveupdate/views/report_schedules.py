"""Schedules of reports."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.report_schedules import ScheduleWish, end_report_schedule, set_report_schedule
from liveupdate.pages.report_form import ReportScheduleForm
from liveupdate.records.reports import visible_schedules
from portal.access.requests import person_of
from portal.lib.errors import PortalError


class ReportSchedulesView(TemplateView):
    """What is made by itself, and the form to have more made."""

    template_name = "reports/schedules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`schedules` that the person may see, and `form`."""
        person = person_of(self.request)
        rows = visible_schedules(person).select_related("team", "owner").prefetch_related("recipients")
        form = kwargs.pop("form", None) or ReportScheduleForm(person=person)
        return super().get_context_data(schedules=rows, form=form, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set a schedule; what is refused is said at the form."""
        person = person_of(request)
        form = ReportScheduleForm(request.POST, person=person)
        if form.is_valid():
            said = form.cleaned_data
            wish = ScheduleWish(
                said["kind"], said["team"], said["every"], said["time_zone"], list(said["recipients"])
            )
            try:
                schedule = set_report_schedule(person, wish)
            except PortalError as refused:
                form.add_error(None, f"{refused.message} {refused.remedy}".strip())
            else:
                messages.success(request, f"{schedule.title} is made {schedule.get_every_display()}.")
                return redirect("report-schedules")
        return self.render_to_response(self.get_context_data(form=form), status=400)


class EndReportScheduleView(View):
    """Make a report by itself no longer."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End it and go back. Raises Conflict, NotAllowed."""
        person = person_of(request)
        get_object_or_404(visible_schedules(person), pk=pk)
        schedule = end_report_schedule(person, pk)
        messages.success(request, f"{schedule.title} is not made by itself any more.")
        return redirect("report-schedules")
