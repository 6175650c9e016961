"""What the inventory's lists can be narrowed by."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from inventory.compliance.levels import Compliance
from inventory.facts.base import HostKind, ReadingState
from inventory.freshness import STALE, with_verdict
from inventory.models import Advisory, Hmc, Host, Lpar, ManagedSystem, NimObject
from inventory.update_states import UPDATE_STATES
from portal.access.models import Team
from portal.access.policies import visible_teams
from portal.web.badges import face

VERDICTS = [
    ("ready", "Ready"),
    ("ready_with_actions", "Ready with actions"),
    ("not_possible", "Not possible"),
    ("unknown", "Unknown"),
]
RETIRED = "yes"
"""The value of the filter `retired` that asks for what lists leave out."""
NEVER_READ, TOO_OLD = "never", "stale"
FACTS = [
    *((state.value, face(state.value).word) for state in ReadingState),
    (NEVER_READ, face(NEVER_READ).word),
    (TOO_OLD, face(TOO_OLD).word),
]


def _teams(request: Any) -> QuerySet[Team]:
    return visible_teams(request.user) if request is not None else Team.objects.none()


class LparFilter(django_filters.FilterSet):
    """LPARs by name or application, team, environment, managed system, level and verdict."""

    q = django_filters.CharFilter(method="search", label="Name or application")
    verdict = django_filters.ChoiceFilter(choices=VERDICTS, empty_label="Any", method="judged")
    update_state = django_filters.ChoiceFilter(
        choices=list(UPDATE_STATES.items()), empty_label="Any", label="Live Update"
    )
    facts = django_filters.ChoiceFilter(choices=FACTS, empty_label="Any", method="read", label="Facts")
    team = django_filters.ModelChoiceFilter(queryset=_teams, empty_label="Any")
    environment = django_filters.CharFilter(lookup_expr="iexact")
    managed_system = django_filters.CharFilter(method="on_system", label="Managed system")
    level = django_filters.CharFilter(lookup_expr="startswith", label="Level starts with")

    class Meta:
        model = Lpar
        fields: tuple[str, ...] = ()

    def on_system(self, rows: QuerySet[Lpar], _name: str, words: str) -> QuerySet[Lpar]:
        """LPARs on managed systems whose name holds the words (it usually ends in the serial number)."""
        systems = ManagedSystem.objects.filter(Q(name__icontains=words) | Q(serial__iexact=words))
        return rows.filter(managed_system__in=systems)

    def judged(self, rows: QuerySet[Lpar], _name: str, verdict: str) -> QuerySet[Lpar]:
        """LPARs that are shown with this verdict."""
        return rows.filter(with_verdict(verdict))

    def read(self, rows: QuerySet[Lpar], _name: str, how: str) -> QuerySet[Lpar]:
        """LPARs by how reading their facts ended the last time."""
        how_read = {NEVER_READ: Q(facts_read_at=None), TOO_OLD: STALE}
        return rows.filter(how_read.get(how, Q(facts_state=how)))

    def search(self, rows: QuerySet[Lpar], _name: str, words: str) -> QuerySet[Lpar]:
        """LPARs whose name or application holds the words."""
        return rows.filter(Q(host__name__icontains=words) | Q(application__icontains=words))


class LparListFilter(LparFilter):
    """The same for the list of all LPARs, which also finds those that were retired."""

    retired = django_filters.ChoiceFilter(
        choices=[(RETIRED, "Retired")], empty_label="In service", method="left_service", label="Service"
    )

    def left_service(self, rows: QuerySet[Lpar], _name: str, _value: str) -> QuerySet[Lpar]:
        """LPARs that are gone from their managed systems."""
        return rows.exclude(retired_at=None)


class SystemFilter(django_filters.FilterSet):
    """Managed systems by name or serial number, HMC and state."""

    q = django_filters.CharFilter(method="search", label="Name or serial number")
    hmc = django_filters.CharFilter(method="run_by", label="HMC")
    state = django_filters.CharFilter(lookup_expr="istartswith", label="State starts with")

    class Meta:
        model = ManagedSystem
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[ManagedSystem], _name: str, words: str) -> QuerySet[ManagedSystem]:
        """Systems whose name or serial number holds the words."""
        return rows.filter(Q(name__icontains=words) | Q(serial__icontains=words))

    def run_by(self, rows: QuerySet[ManagedSystem], _name: str, words: str) -> QuerySet[ManagedSystem]:
        """Systems run by an HMC whose name holds the words."""
        return rows.filter(hmcs__in=Hmc.objects.filter(host__name__icontains=words)).distinct()


class HostFilter(django_filters.FilterSet):
    """Hosts by name or address, kind and the state of the last contact."""

    q = django_filters.CharFilter(method="search", label="Name or address")
    kind = django_filters.ChoiceFilter(
        choices=[(kind.value, kind.label) for kind in HostKind], empty_label="Any"
    )
    contact_state = django_filters.ChoiceFilter(
        choices=[(s, s.replace("_", " ")) for s in ("ok", "never", "unreachable", "refused", "timed_out")],
        empty_label="Any",
        label="Contact",
    )

    class Meta:
        model = Host
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[Host], _name: str, words: str) -> QuerySet[Host]:
        """Hosts whose name or address holds the words."""
        return rows.filter(Q(name__icontains=words) | Q(address__icontains=words))


class ComplianceFilter(LparFilter):
    """LPARs by how they stand to their baselines, and by everything that LPARs are found by."""

    compliance = django_filters.ChoiceFilter(
        choices=[(state.value, face(state.value).word) for state in Compliance],
        empty_label="Any",
        label="Compliance",
    )


class AdvisoryFilter(django_filters.FilterSet):
    """Advisories by APAR, CVE or words, type, and whether Live Update can apply the fix."""

    q = django_filters.CharFilter(method="search", label="APAR, CVE or words")
    type = django_filters.ChoiceFilter(choices=[("sec", "Security"), ("hiper", "HIPER")], empty_label="Any")
    reboot = django_filters.ChoiceFilter(
        choices=[("live_update", "Live Update"), ("no", "No reboot"), ("yes", "Reboot")],
        empty_label="Any",
        label="Fix needs",
    )
    exposed = django_filters.ChoiceFilter(
        method="on_lpars",
        choices=[("yes", "On some LPAR"), ("no", "Nowhere")],
        empty_label="Any",
        label="Exposed",
    )

    class Meta:
        model = Advisory
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[Advisory], _name: str, words: str) -> QuerySet[Advisory]:
        """Advisories that name the words."""
        return rows.filter(Q(apar__icontains=words) | Q(cves__icontains=words) | Q(abstract__icontains=words))

    def on_lpars(self, rows: Any, _name: str, value: str) -> Any:
        """Of rows with their number of `exposed` LPARs those that some LPAR has, or those that none has."""
        return rows.filter(exposed__gt=0) if value == "yes" else rows.filter(exposed=0)


class NimObjectFilter(django_filters.FilterSet):
    """NIM objects by name, type, and whether they are an LPAR of the inventory."""

    q = django_filters.CharFilter(method="search", label="Name")
    object_type = django_filters.CharFilter(lookup_expr="iexact", label="Type")
    linked = django_filters.ChoiceFilter(
        method="by_link", choices=[("yes", "an LPAR"), ("no", "no LPAR")], empty_label="Any", label="Is"
    )

    class Meta:
        model = NimObject
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[NimObject], _name: str, words: str) -> QuerySet[NimObject]:
        """Objects whose name, or the name of whose LPAR, holds the words."""
        return rows.filter(Q(name__icontains=words) | Q(lpar__host__name__icontains=words))

    def by_link(self, rows: QuerySet[NimObject], _name: str, wanted: str) -> QuerySet[NimObject]:
        """Those that were found to be an LPAR, or those that were not."""
        return rows.filter(lpar__isnull=wanted == "no")
