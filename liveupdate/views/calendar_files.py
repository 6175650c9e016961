"""The calendar in and out: iCalendar files imported, and feeds that calendar programs read."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.feeds import end_feed, feed_of, open_feed, visible_feeds
from liveupdate.actions.periods import import_periods, preview, replaced_by
from liveupdate.pages.calendar_file import file_of
from liveupdate.pages.calendar_import_form import CalendarImportForm
from liveupdate.pages.periods import Effects
from liveupdate.policies import visible_requests
from liveupdate.views.periods import require_writer
from portal.access.policies import visible_teams
from portal.access.requests import person_of
from portal.lib.clock import now
from portal.lib.errors import Invalid

MAY_KEEP = timedelta(minutes=5)


class ImportCalendarView(TemplateView):
    """Look at a calendar file and at what would come of it; then import it, all or nothing."""

    template_name = "liveupdate/calendar_import.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """For those who may change some part of the calendar. Raises NotAllowed."""
        require_writer(person_of(request))
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form."""
        form = kwargs.pop("form", None) or CalendarImportForm(person=person_of(self.request))
        return super().get_context_data(form=form, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """`do=preview` shows the events and the consequences, `do=import` imports them. Raises NotAllowed."""
        person = person_of(request)
        form = CalendarImportForm(request.POST, request.FILES, person=person)
        shown: dict[str, Any] = {}
        if form.is_valid():
            team, reason = form.cleaned_data["team"], form.cleaned_data["reason"]
            try:
                events = form.events()
                if request.POST.get("do") == "import":
                    made = import_periods(person, team, events, reason)
                    messages.success(request, f"{made} of {len(events)} events are new or changed.")
                    return redirect("periods")
                periods, replaced = [event.period for event in events], replaced_by(team, events)
                found = preview(visible_requests(person), replaced, periods)
                shown = {
                    "effects": [Effects(period, found, now()) for period in periods],
                    "replaced": len(replaced),
                    "content": form.cleaned_data["content"],
                }
            except Invalid as refused:
                form.add_error(None, f"{refused.message} {refused.remedy}".strip())
        return self.render_to_response(
            self.get_context_data(form=form, **shown), status=200 if shown else 400
        )


class FeedsView(TemplateView):
    """The addresses at which a person's calendar program reads the calendars of their teams."""

    template_name = "liveupdate/calendar_feeds.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`feeds`, `teams`, and `address` of one that was just made."""
        person = person_of(self.request)
        return super().get_context_data(feeds=visible_feeds(person), teams=visible_teams(person), **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make an address and show it, once."""
        person = person_of(request)
        wanted = request.POST.get("team", "")
        team = get_object_or_404(visible_teams(person), pk=int(wanted) if wanted.isdigit() else 0)
        feed, token = open_feed(person, team)
        address = request.build_absolute_uri(reverse("calendar-feed", args=[token]))
        return self.render_to_response(self.get_context_data(address=address, made=feed))


class EndFeedView(View):
    """Let an address answer no more."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End it. Raises NotAllowed, Conflict."""
        messages.success(request, f"The {end_feed(person_of(request), pk)} answers no more.")
        return redirect("calendar-feeds")


@method_decorator(login_not_required, name="dispatch")
class FeedView(View):
    """A team's calendar for whoever knows the address, which is a secret."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """The calendar file."""
        feed = feed_of(token)
        if feed is None:
            raise Http404
        answer = HttpResponse(
            file_of(feed.team, request.build_absolute_uri), content_type="text/calendar; charset=utf-8"
        )
        answer["Cache-Control"] = f"private, max-age={MAY_KEEP.seconds}"
        answer["Content-Disposition"] = f'inline; filename="{feed.team.slug}.ics"'
        return answer
