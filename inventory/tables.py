"""Columns of the inventory's lists."""

from functools import cached_property
from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString

from inventory.fixes import FixAtHand, cures_among, ifixes_at_hand
from inventory.models import Advisory, Discovery, Exposure, Host, Lpar, ManagedSystem, NimObject
from inventory.update_states import update_state_words
from portal.lib.text import visible
from portal.web.tables import LEVEL, MONO, NUM, NameColumn, PortalTable, StateColumn, WhenColumn
from portal.web.templatetags.portal import badge


class VerdictColumn(StateColumn):
    """What readiness says; facts that are too old carry no verdict, which is said."""

    def render(self, record: Lpar, bound_column: Any) -> SafeString:
        """The badge, with the reason where age makes it unknown."""
        return badge(record.shown_verdict, "Unknown: facts too old" if record.is_stale else "")


class UpdateStateColumn(StateColumn):
    """Where Live Update left the LPAR."""

    def render(self, value: str, bound_column: Any) -> SafeString:
        """The badge."""
        return badge(value, update_state_words(value))


class FactsColumn(StateColumn):
    """How reading the facts ended: the worst state of an answer."""

    def render(self, record: Lpar, bound_column: Any) -> SafeString:
        """The badge."""
        return badge(record.facts_state or "never")


class LparTable(PortalTable):
    """LPARs with their level and verdict."""

    caption = "LPARs"
    name = NameColumn(accessor="host__name", linkify=("lpar", [tables.A("pk")]), verbose_name="LPAR")
    application = tables.Column()
    team = tables.Column(accessor="team__name", verbose_name="Team")
    environment = tables.Column()
    managed_system = tables.Column(
        accessor="managed_system__name",
        linkify=("system", [tables.A("managed_system_id")]),
        verbose_name="Managed system",
    )
    level = tables.Column(attrs=LEVEL)
    verdict = VerdictColumn(accessor="shown_verdict", order_by="verdict")
    update_state = UpdateStateColumn(verbose_name="Live Update")
    facts_state = FactsColumn(accessor="facts_state", verbose_name="Facts")
    facts_read_at = WhenColumn(short=True, verbose_name="Read")

    class Meta:
        model = Lpar
        fields = ()
        order_by = "name"


class SystemTable(PortalTable):
    """Managed systems with their state and the number of their LPARs."""

    caption = "Managed systems"
    name = NameColumn(linkify=("system", [tables.A("pk")]), verbose_name="Managed system")
    serial = tables.Column(attrs=MONO, verbose_name="Serial number")
    type_model = tables.Column(attrs=MONO, verbose_name="Type and model")
    state = tables.Column()
    lpar_count = tables.Column(attrs=NUM, verbose_name="LPARs")
    seen_at = WhenColumn(short=True, verbose_name="Seen")

    class Meta:
        model = ManagedSystem
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
    looking_account = tables.Column(attrs=MONO, verbose_name="Looks as")
    credential = tables.Column(accessor="credential__name", verbose_name="Credential")
    key_state = StateColumn(accessor="key_state", verbose_name="Host key", orderable=False)
    contact_state = StateColumn(verbose_name="Contact")
    contacted_at = WhenColumn(short=True, verbose_name="Last")

    class Meta:
        model = Host
        fields = ()
        order_by = "name"


class ComplianceTable(PortalTable):
    """LPARs and how they stand to their baselines."""

    caption = "Level compliance"
    name = NameColumn(accessor="host__name", linkify=("lpar", [tables.A("pk")]), verbose_name="LPAR")
    team = tables.Column(accessor="team__name", verbose_name="Team")
    environment = tables.Column()
    level = tables.Column(attrs=LEVEL)
    compliance = StateColumn()
    standing = tables.Column(orderable=False, verbose_name="Why")
    level_read_at = WhenColumn(short=True, verbose_name="Level read")

    class Meta:
        model = Lpar
        fields = ()
        order_by = "name"


class AdvisoryTable(PortalTable):
    """IBM's security and HIPER faults, and how many LPARs have them."""

    caption = "Advisories"
    apar = NameColumn(linkify=("advisory", [tables.A("pk")]), verbose_name="APAR")
    type = tables.Column(accessor="get_type_display", order_by="type")
    abstract = tables.Column()
    cvss = tables.Column(attrs=NUM, verbose_name="CVSS")
    exposed = tables.Column(attrs=NUM, verbose_name="LPARs exposed")
    fixed_in = tables.Column(attrs=MONO, verbose_name="Fixed in")
    reboot = tables.Column(verbose_name="Fix needs")
    at_hand = tables.Column(orderable=False, empty_values=(), verbose_name="In an lpp_source")
    issued_on = tables.DateColumn(format="j M Y", verbose_name="Issued")

    class Meta:
        model = Advisory
        fields = ()
        order_by = ("-exposed", "-cvss")

    @cached_property
    def _ifixes(self) -> dict[str, list[FixAtHand]]:
        return ifixes_at_hand()

    def render_at_hand(self, record: Advisory) -> SafeString | str:
        """Whether an interim fix for it lies ready, and whether Live Update can apply that."""
        fixes = cures_among(self._ifixes, record)
        return badge(fixes[0].capability) if fixes else "—"

    def value_at_hand(self, record: Advisory) -> str:
        """The packages' names and what is known of them."""
        fixes = cures_among(self._ifixes, record)
        return ", ".join(f"{fix.lpp_source}: {fix.what} ({fix.capability})" for fix in fixes)

    def render_reboot(self, value: str) -> str:
        """In words."""
        return {"live_update": "Live Update", "no": "no reboot", "yes": "reboot"}[value]


class ExposureTable(PortalTable):
    """The LPARs that have one advisory's fault."""

    caption = "Exposed LPARs"
    lpar = NameColumn(
        accessor="lpar__host__name", linkify=("lpar", [tables.A("lpar_id")]), verbose_name="LPAR"
    )
    team = tables.Column(accessor="lpar__team__name", verbose_name="Team")
    level = tables.Column(accessor="lpar__level", attrs=MONO)
    filesets = tables.Column(orderable=False, attrs=MONO)
    cured_by = tables.Column(attrs=MONO, verbose_name="Cured by")

    class Meta:
        model = Exposure
        fields = ()
        order_by = ("cured_by", "lpar")

    def render_filesets(self, value: list[str]) -> str:
        """One after the other."""
        return ", ".join(value)


class NimAttributeColumn(tables.Column):
    """Attributes of a NIM object, those that it has."""

    def __init__(self, *attributes: str, **kwargs: Any) -> None:
        super().__init__(**{"empty_values": (), "orderable": False, **kwargs})
        self.attributes = attributes

    def render(self, record: NimObject) -> str:
        """The values, with what a host printed of control characters made visible."""
        return visible(self.value(record)) or "—"

    def value(self, record: NimObject) -> str:
        """The values as they are."""
        return "; ".join(filter(None, map(record.get, self.attributes)))


class NimObjectTable(PortalTable):
    """Objects of a NIM master; states and profile where the object has them."""

    caption = "NIM objects"
    name = NameColumn(linkify=False, verbose_name="Object")
    object_type = tables.Column(verbose_name="Type")
    lpar = tables.Column(
        accessor="lpar__host__name", linkify=("lpar", [tables.A("lpar_id")]), verbose_name="LPAR"
    )
    linked_by = tables.Column(accessor="get_linked_by_display", order_by="linked_by", verbose_name="Because")
    profile = NimAttributeColumn("mgmt_profile1", verbose_name="mgmt_profile1", attrs=MONO)
    state = NimAttributeColumn("Cstate", "Mstate", "Rstate", "Nstate", "Cstate_result", verbose_name="State")
    connect = NimAttributeColumn("connect", verbose_name="Connect", attrs=MONO)
    cpuid = NimAttributeColumn("cpuid", verbose_name="cpuid", attrs=MONO)
    location = NimAttributeColumn("location", verbose_name="Location", attrs=MONO)
    read_at = WhenColumn(short=True, verbose_name="Read")

    class Meta:
        model = NimObject
        fields = ()
        order_by = ("object_type", "name")


class DiscoveryTable(PortalTable):
    """Discoveries with what waits for a decision."""

    caption = "Discoveries"
    host = NameColumn(accessor="host__name", linkify=("discovery", [tables.A("pk")]), verbose_name="Host")
    state = StateColumn()
    waiting = tables.Column(attrs=NUM, verbose_name="To decide")
    news = tables.Column(attrs=NUM, verbose_name="New")
    changed = tables.Column(attrs=NUM, verbose_name="Changed")
    gone = tables.Column(attrs=NUM, verbose_name="Gone")
    commands = tables.Column(attrs=NUM, verbose_name="Commands")
    asked_by = tables.Column(default="a command", verbose_name="Asked by")
    asked_at = WhenColumn(short=True, verbose_name="Asked")

    class Meta:
        model = Discovery
        fields = ()
        order_by = "-asked_at"
