"""What the lists of requests and runs can be narrowed by."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from liveupdate.lpar.residue import CARE
from liveupdate.models import Campaign, Leftover, OutsideChange, Request, Run, StoredFinding, StoredReport
from liveupdate.readiness.base import FindingState
from liveupdate.reports.kinds import KINDS
from liveupdate.states import CampaignState, RequestState, RunState
from portal.access.models import Team
from portal.access.policies import visible_teams
from portal.web.badges import face


def _teams(request: Any) -> QuerySet[Team]:
    return visible_teams(request.user) if request is not None else Team.objects.none()


class RequestFilter(django_filters.FilterSet):
    """Requests by LPAR or number, state and team."""

    q = django_filters.CharFilter(method="search", label="LPAR or request")
    state = django_filters.ChoiceFilter(
        choices=[(state.value, face(state.value).word) for state in RequestState], empty_label="Any"
    )
    team = django_filters.ModelChoiceFilter(queryset=_teams, empty_label="Any")

    class Meta:
        model = Request
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[Request], _name: str, words: str) -> QuerySet[Request]:
        """Requests of LPARs whose name holds the words, or with this number."""
        number = words.upper().removeprefix("R-").lstrip("0")
        match = Q(lpar__host__name__icontains=words)
        return rows.filter(match | Q(pk=int(number)) if number.isascii() and number.isdigit() else match)


class RunFilter(django_filters.FilterSet):
    """Runs by LPAR, state and team."""

    q = django_filters.CharFilter(field_name="lpar__host__name", lookup_expr="icontains", label="LPAR")
    state = django_filters.ChoiceFilter(
        choices=[(state.value, face(state.value).word) for state in RunState], empty_label="Any"
    )
    team = django_filters.ModelChoiceFilter(
        queryset=_teams, field_name="request__team", empty_label="Any", label="Team"
    )

    class Meta:
        model = Run
        fields: tuple[str, ...] = ()


class CampaignFilter(django_filters.FilterSet):
    """Campaigns by name or LPAR, and state."""

    q = django_filters.CharFilter(method="search", label="Name or LPAR")
    state = django_filters.ChoiceFilter(
        choices=[(state.value, face(state.value).word) for state in CampaignState], empty_label="Any"
    )

    class Meta:
        model = Campaign
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[Campaign], _name: str, words: str) -> QuerySet[Campaign]:
        """Campaigns whose name, or the name of one of whose LPARs, holds the words."""
        with_lpar = Campaign.objects.filter(targets__lpar__host__name__icontains=words)
        return rows.filter(Q(name__icontains=words) | Q(pk__in=with_lpar.values("pk")))


class LeftoverFilter(django_filters.FilterSet):
    """Leftovers by LPAR, kind, team, and whether they are open."""

    q = django_filters.CharFilter(field_name="lpar__host__name", lookup_expr="icontains", label="LPAR")
    state = django_filters.ChoiceFilter(
        choices=[("overdue", "Overdue"), ("closed", "Closed")],
        empty_label="Open",
        method="in_state",
        label="State",
    )
    kind = django_filters.ChoiceFilter(
        choices=[(kind.value, care.title) for kind, care in CARE.items()], empty_label="Any", label="What"
    )
    team = django_filters.ModelChoiceFilter(
        queryset=_teams, field_name="lpar__team", empty_label="Any", label="Team"
    )

    class Meta:
        model = Leftover
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: QuerySet[Leftover]) -> QuerySet[Leftover]:
        """Those that are open, unless another state is asked for."""
        rows: QuerySet[Leftover] = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.filter(closed_at=None)

    def in_state(self, rows: QuerySet[Leftover], _name: str, state: str) -> QuerySet[Leftover]:
        """Those past their day, or those that are closed."""
        if state == "overdue":
            return rows.filter(closed_at=None, due_on__lt=localdate())
        return rows.exclude(closed_at=None)


class FindingFilter(django_filters.FilterSet):
    """Findings of one check by LPAR, state and team."""

    q = django_filters.CharFilter(field_name="lpar__host__name", lookup_expr="icontains", label="LPAR")
    state = django_filters.ChoiceFilter(
        choices=[(state.value, face(state.value).word) for state in FindingState],
        empty_label="Any",
        label="Finding",
    )
    team = django_filters.ModelChoiceFilter(
        queryset=_teams, field_name="lpar__team", empty_label="Any", label="Team"
    )

    class Meta:
        model = StoredFinding
        fields: tuple[str, ...] = ()


class OutsideChangeFilter(django_filters.FilterSet):
    """Changes outside the process by LPAR, team, and how far they are."""

    q = django_filters.CharFilter(
        field_name="snapshot__lpar__host__name", lookup_expr="icontains", label="LPAR"
    )
    state = django_filters.ChoiceFilter(
        choices=[("open", "To explain"), ("explained", "To close"), ("closed", "Closed")],
        empty_label="Any",
        method="in_state",
        label="State",
    )
    team = django_filters.ModelChoiceFilter(
        queryset=_teams, field_name="snapshot__lpar__team", empty_label="Any", label="Team"
    )

    class Meta:
        model = OutsideChange
        fields: tuple[str, ...] = ()

    def in_state(self, rows: QuerySet[OutsideChange], _name: str, state: str) -> QuerySet[OutsideChange]:
        """Nobody explained it, nobody closed it, or neither is missing."""
        if state == "closed":
            return rows.exclude(closed_at=None)
        return rows.filter(closed_at=None, explained_at__isnull=state == "open")


class StoredReportFilter(django_filters.FilterSet):
    """Reports by kind, team and state."""

    of = django_filters.ChoiceFilter(
        field_name="kind",
        choices=[(kind.key, kind.title) for kind in KINDS.values()],
        empty_label="Any",
        label="Report",
    )
    of_team = django_filters.ModelChoiceFilter(
        field_name="team", queryset=_teams, empty_label="Any", label="Team"
    )
    state = django_filters.ChoiceFilter(choices=StoredReport.State.choices, empty_label="Any")

    class Meta:
        model = StoredReport
        fields: tuple[str, ...] = ()
