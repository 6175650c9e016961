"""Columns of requests and runs."""

import django_tables2 as tables

from liveupdate.models import Request, Run
from portal.web.tables import MONO, NUM, NameColumn, PortalTable, StateColumn, WhenColumn


class RequestTable(PortalTable):
    """Requests with their windows and states."""

    caption = "Requests"
    number = NameColumn(accessor="number", order_by="id", verbose_name="Request")
    lpar = tables.Column(accessor="lpar__host__name", verbose_name="LPAR")
    team = tables.Column(accessor="team__name", verbose_name="Team")
    target_level = tables.Column(attrs=MONO, verbose_name="To level")
    requester = tables.Column(accessor="requester", order_by="requester__username", verbose_name="Asked by")
    state = StateColumn()
    starts_at = WhenColumn(verbose_name="Window opens")
    created_at = WhenColumn(short=True, verbose_name="Asked")

    class Meta:
        model = Request
        fields = ()


class RunTable(PortalTable):
    """Runs with what they did."""

    caption = "Runs"
    number = NameColumn(accessor="pk", verbose_name="Run")
    request = tables.Column(accessor="request__number", order_by="request_id", verbose_name="Request")
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
