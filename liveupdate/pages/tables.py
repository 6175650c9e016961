"""Columns of requests and runs."""

import django_tables2 as tables

from inventory.models import Lpar
from liveupdate.models import Campaign, Leftover, OutsideChange, Request, Run, StoredFinding, StoredReport
from liveupdate.procedures.catalogue import title_of
from portal.web.tables import (
    LEVEL,
    MONO,
    NUM,
    QUOTED,
    DigestColumn,
    NameColumn,
    PortalTable,
    StateColumn,
    WhenColumn,
)
from portal.web.templatetags.portal import visible


class RequestTable(PortalTable):
    """Requests with their windows and states."""

    caption = "Requests"
    number = NameColumn(accessor="number", order_by="id", attrs=QUOTED, verbose_name="Request")
    lpar = tables.Column(accessor="lpar__host__name", verbose_name="LPAR")
    team = tables.Column(accessor="team__name", verbose_name="Team")
    what = tables.Column(accessor="procedure", order_by="procedure", verbose_name="What")
    target_level = tables.Column(attrs=LEVEL, verbose_name="To level")
    requester = tables.Column(accessor="requester", order_by="requester__username", verbose_name="Asked by")
    state = StateColumn(accessor="shown_state", order_by="state")
    starts_at = WhenColumn(narrow=True, verbose_name="Window opens")
    created_at = WhenColumn(short=True, verbose_name="Asked")

    class Meta:
        model = Request
        fields = ()

    def render_what(self, value: str) -> str:
        """The procedure's title."""
        return title_of(value)


class RunTable(PortalTable):
    """Runs with what they did."""

    caption = "Runs"
    number = NameColumn(accessor="pk", verbose_name="Run")
    request = tables.Column(
        accessor="request__number", order_by="request_id", attrs=QUOTED, verbose_name="Request"
    )
    lpar = tables.Column(accessor="lpar__host__name", verbose_name="LPAR")
    team = tables.Column(accessor="request__team__name", verbose_name="Team")
    state = StateColumn()
    level_before = tables.Column(attrs=MONO, verbose_name="From")
    level_after = tables.Column(attrs=MONO, verbose_name="To")
    blackout_s = tables.Column(
        accessor="blackout_s", order_by="blackout_ms", attrs=NUM, verbose_name="Blackout"
    )
    queued_at = WhenColumn(verbose_name="Queued")

    class Meta:
        model = Run
        fields = ()

    def render_blackout_s(self, value: float) -> str:
        """Seconds with their unit."""
        return f"{value:.1f} s"


class CampaignTable(PortalTable):
    """Campaigns with how far they are."""

    caption = "Campaigns"
    name = NameColumn(verbose_name="Campaign")
    number = tables.Column(accessor="number", order_by="id", attrs=QUOTED, verbose_name="Number")
    what = tables.Column(accessor="procedure", order_by="procedure", verbose_name="What")
    target_level = tables.Column(attrs=LEVEL, verbose_name="To level")
    lpars = tables.Column(attrs=NUM, verbose_name="LPARs")
    waves = tables.Column(attrs=NUM, default="0", verbose_name="Waves")
    owner = tables.Column(order_by="owner__username", verbose_name="Owner")
    state = StateColumn()
    starts_at = WhenColumn(narrow=True, verbose_name="Window opens")

    class Meta:
        model = Campaign
        fields = ()

    def render_what(self, value: str) -> str:
        """The procedure's title."""
        return title_of(value)


class LeftoverTable(PortalTable):
    """What Live Updates left, the most urgent first."""

    caption = "Leftovers"
    lpar = NameColumn(accessor="lpar__host__name", verbose_name="LPAR", linkify=True)
    kind = tables.Column(accessor="get_kind_display", order_by="kind", verbose_name="What")
    text = tables.Column(orderable=False, verbose_name="In words")
    team = tables.Column(accessor="lpar__team__name", verbose_name="Team")
    owner = tables.Column(order_by="owner__username", default="the team", verbose_name="Owner")
    due_on = tables.DateColumn(format="j M Y", verbose_name="Due")
    state = StateColumn(accessor="state", orderable=False)
    found_at = WhenColumn(short=True, verbose_name="Found")

    class Meta:
        model = Leftover
        fields = ()

    def render_text(self, value: str) -> str:
        """The sentence with control characters shown."""
        return visible(value)


class OutsideChangeTable(PortalTable):
    """Changes outside the process, the newest first."""

    caption = "Changes outside the process"
    lpar = NameColumn(accessor="snapshot__lpar__host__name", verbose_name="LPAR", linkify=True)
    team = tables.Column(accessor="snapshot__lpar__team__name", verbose_name="Team")
    why = tables.Column(orderable=False, verbose_name="What")
    ticket = tables.Column(default="", verbose_name="Ticket")
    explained_by = tables.Column(order_by="explained_by__username", default="", verbose_name="Explained by")
    closed_by = tables.Column(order_by="closed_by__username", default="", verbose_name="Closed by")
    state = StateColumn(accessor="state", orderable=False)
    found_at = WhenColumn(short=True, verbose_name="Found")

    class Meta:
        model = OutsideChange
        fields = ()


class FindingTable(PortalTable):
    """What one check found, LPAR by LPAR."""

    caption = "Findings"
    lpar = NameColumn(
        accessor="lpar__host__name", linkify=("lpar", [tables.A("lpar_id")]), verbose_name="LPAR"
    )
    team = tables.Column(accessor="lpar__team__name", verbose_name="Team")
    state = StateColumn(accessor="shown", order_by="state", verbose_name="Finding")
    message = tables.Column(orderable=False)
    found_at = WhenColumn(short=True, verbose_name="So since")

    class Meta:
        model = StoredFinding
        fields = ()

    def render_message(self, value: str) -> str:
        """The sentence with control characters shown."""
        return visible(value)


class MatrixTable(PortalTable):
    """The LPARs of the matrix, worst first; the page draws the cells itself."""

    caption = "Readiness"
    name = NameColumn(accessor="host__name", linkify=("lpar", [tables.A("pk")]), verbose_name="LPAR")
    team = tables.Column(accessor="team__name", verbose_name="Team")
    verdict = StateColumn(accessor="shown_verdict", order_by="verdict")

    class Meta:
        model = Lpar
        fields = ()
        order_by = "name"


class StoredReportTable(PortalTable):
    """Reports with what they are about, and of which ledger."""

    caption = "Reports"
    number = NameColumn(
        accessor="number", order_by="id", verbose_name="Report", attrs={"td": {"class": "nowrap"}}
    )
    kind = tables.Column(accessor="title", order_by="kind", verbose_name="What")
    team = tables.Column(accessor="team__name", verbose_name="Team", default="All teams")
    days = tables.Column(order_by="begin", attrs=NUM, verbose_name="Days")
    asked_by = tables.Column(order_by="asked_by__username", verbose_name="Made for")
    made_at = WhenColumn(short=True, verbose_name="Made")
    state = StateColumn()
    digest = DigestColumn()
    ledger_size = tables.Column(attrs=NUM, verbose_name="Ledger entries")

    class Meta:
        model = StoredReport
        fields = ()
