"""Pages that only tests have: one of every component, a list, refusals, a stream."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from portal import urls
from portal.access.models import Membership, Team
from portal.lib.errors import Conflict, Invalid, NotAllowed
from portal.urls import handler400, handler403, handler404, handler500  # noqa: F401 - Django looks here
from portal.web.lists import ListView
from portal.web.streams import Cursor, EventStreamResponse, StreamEvent
from portal.web.tables import MONO, NameColumn, PortalTable, StateColumn, WhenColumn

COMPONENTS = Path(__file__).parents[1] / "data" / "web" / "components.html"


class MembershipTable(PortalTable):
    caption = "Memberships"
    user = NameColumn(linkify=False)
    team = tables.Column(accessor="team__name")
    slug = tables.Column(accessor="team__slug", attrs=MONO)
    role = StateColumn()
    granted_at = WhenColumn(short=True)


class MembershipFilter(django_filters.FilterSet):
    team = django_filters.CharFilter(field_name="team__name", lookup_expr="icontains", label="Team")
    after = django_filters.DateFilter(field_name="granted_at", lookup_expr="gte", label="Granted after")

    class Meta:
        model = Membership
        fields: list[str] = []


class MembershipList(ListView):
    table_class = MembershipTable
    filterset_class = MembershipFilter
    heading = "Memberships"
    lead = "Who may do what"
    export_name = "memberships"
    empty = "Nobody has a role yet."

    def get_queryset(self) -> Any:
        return Membership.objects.exclude(team=None).select_related("user", "team").order_by("team__name")


class ListFeed:
    """A feed of what `EVENTS` holds; an event's id is its position."""

    name = "sample"

    def fetch(self, after: Cursor, limit: int) -> list[StreamEvent]:
        start = after[0] if after else 0
        READS.append(start)
        return EVENTS[start : start + limit]


EVENTS: list[StreamEvent] = []
READS: list[int] = []
ALLOWED: list[bool] = [True]
SHOWN: list[int] = []


def say(event: str, data: str) -> None:
    """Add an event to the feed."""
    EVENTS.append(StreamEvent((len(EVENTS) + 1,), event, data))


def stream(request: HttpRequest) -> EventStreamResponse:
    return EventStreamResponse(request, ListFeed(), allowed=lambda: ALLOWED[0])


def components(request: HttpRequest) -> HttpResponse:
    page = engines["django"].from_string(COMPONENTS.read_text(encoding="utf-8"))
    return HttpResponse(page.render({"line": "a\x1b[31mred\u202e", "stream_url": "/sample/stream/"}, request))


def log_page(request: HttpRequest) -> HttpResponse:
    page = engines["django"].from_string(
        '{% extends "base.html" %}{% load static %}{% block title %}Log{% endblock %}'
        '{% block scripts %}<script type="module" src="{% static "log.js" %}"></script>{% endblock %}'
        "{% block heading %}Log{% endblock %}"
        '{% block content %}{% include "components/log.html" %}{% endblock %}'
    )
    return HttpResponse(page.render({"stream_url": "/sample/stream/", "raw_url": "/sample/raw/"}, request))


def fragment_page(request: HttpRequest) -> HttpResponse:
    SHOWN.append(len(SHOWN))
    page = engines["django"].from_string(
        '{% extends "base.html" %}{% block title %}Part{% endblock %}{% block content %}'
        '<div id="part" hx-get="/sample/fragment/" hx-trigger="run-changed from:body" hx-select="#part"'
        ' hx-swap="outerHTML"><p>shown {{ times }}</p><details id="more"><summary>More</summary>…</details>'
        '<form><label>Reason <input name="reason"></label></form></div>{% endblock %}'
    )
    return HttpResponse(page.render({"times": len(SHOWN)}, request))


def refusing(error: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(_request: HttpRequest) -> HttpResponse:
        raise error

    return view


async def refusing_async(_request: HttpRequest) -> HttpResponse:
    raise Conflict("Run 7 has ended.", remedy="Look at its record.")


def team_names(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(", ".join(Team.objects.values_list("name", flat=True)))


@login_not_required
def open_page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


urlpatterns = [
    path("", team_names, name="dashboard"),
    path("sample/", components),
    path("sample/memberships/", MembershipList.as_view()),
    path("sample/log/", log_page),
    path("sample/stream/", stream),
    path("sample/fragment/", fragment_page),
    path("sample/teams/", team_names),
    path("sample/open/", open_page),
    path("sample/not-allowed/", refusing(NotAllowed("You may not do that.", remedy="Ask Ada."))),
    path("sample/conflict/", refusing(Conflict("Request 4 is not submitted."))),
    path("sample/conflict-async/", refusing_async),
    path("sample/invalid/", refusing(Invalid("<b>That</b> is no level."))),
    path("sample/broken/", refusing(ZeroDivisionError("secret detail"))),
    *urls.urlpatterns,
]
