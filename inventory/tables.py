"""Columns of the inventory's lists."""

import django_tables2 as tables

from inventory.models import Host, Lpar
from portal.web.tables import MONO, NUM, NameColumn, PortalTable, StateColumn, WhenColumn


class LparTable(PortalTable):
    """LPARs with their level and verdict."""

    caption = "LPARs"
    name = NameColumn(accessor="host__name", linkify=("lpar", [tables.A("pk")]), verbose_name="LPAR")
    application = tables.Column()
    team = tables.Column(accessor="team__name", verbose_name="Team")
    environment = tables.Column()
    managed_system = tables.Column(accessor="managed_system__name", verbose_name="Managed system")
    level = tables.Column(attrs=MONO)
    verdict = StateColumn()
    facts_read_at = WhenColumn(short=True, verbose_name="Facts")

    class Meta:
        model = Lpar
        fields = ()
        order_by = "name"


class HostTable(PortalTable):
    """Endpoints: how to reach them and whether that worked."""

    caption = "Hosts"
    name = NameColumn(linkify=("host", [tables.A("pk")]), verbose_name="Host")
    kind = tables.Column(accessor="get_kind_display", order_by="kind", verbose_name="Kind")
    address = tables.Column(attrs=MONO)
    port = tables.Column(attrs=NUM)
    account = tables.Column(attrs=MONO)
    credential = tables.Column(accessor="credential__name", verbose_name="Credential")
    key_state = StateColumn(accessor="key_state", verbose_name="Host key", orderable=False)
    contact_state = StateColumn(verbose_name="Contact")
    contacted_at = WhenColumn(short=True, verbose_name="Last")

    class Meta:
        model = Host
        fields = ()
        order_by = "name"
