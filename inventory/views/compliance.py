"""Levels against baselines: the fleet's standing, the baselines, and leave to stay below them."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import FormView

from inventory.actions.levels import (
    BaselineWish,
    Leave,
    create_baseline,
    end_baseline,
    end_exception,
    grant_exception,
)
from inventory.compliance.levels import Compliance
from inventory.filters import ComplianceFilter
from inventory.forms import BaselineForm, ExceptionForm
from inventory.models import Baseline, LevelChange, Lpar
from inventory.policies import administers, visible_lpars
from inventory.standings import (
    baselines_in_force,
    exceptions_in_force,
    excuses_of,
    standing_of,
    with_compliance,
)
from inventory.tables import ComplianceTable
from portal.access.policies import of_visible_teams, require
from portal.access.requests import person_of
from portal.access.roles import Role
from portal.lib.errors import PortalError
from portal.web.lists import ListView

LEVELS_SHOWN = 12
CHANGES_SHOWN = 8


class ComplianceView(ListView):
    """How each LPAR stands to its baselines, how levels are distributed, and what changed lately."""

    template_name = "inventory/compliance.html"
    table_class = ComplianceTable
    filterset_class = ComplianceFilter
    heading = "Level compliance"
    lead = "Each LPAR against the lowest level asked of it; a level that is not known does not comply"
    empty = "No LPAR matches."
    export_name = "compliance"

    def get_queryset(self) -> QuerySet[Lpar]:
        """What the person may see, with its standing."""
        rows = visible_lpars(self.request.user).select_related("host", "team", "managed_system")
        return with_compliance(rows)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list, `counts` by standing, `levels` by number of LPARs, `changes`, `baselines`."""
        context = super().get_context_data(**kwargs)
        self._explain([row.record for row in context["table"].paginated_rows])
        visible: Any = with_compliance(visible_lpars(self.request.user)).order_by()
        by_state = dict(visible.values_list("compliance").annotate(Count("pk")))
        levels = list(visible.values("level").annotate(lpars=Count("pk")).order_by("-level"))
        changes = of_visible_teams(
            self.request.user, LevelChange.objects.exclude(level_before=""), "lpar__team"
        )
        return {
            **context,
            "counts": {state.value: by_state.get(state.value, 0) for state in Compliance},
            "levels": levels[:LEVELS_SHOWN],
            "other_levels": len(levels[LEVELS_SHOWN:]),
            "most": max((row["lpars"] for row in levels), default=1),
            "changes": changes.select_related("lpar__host")[:CHANGES_SHOWN],
            "baselines": baselines_in_force(),
        }

    def _explain(self, lpars: list[Lpar]) -> None:
        """The sentence for each LPAR of the page, in two queries."""
        baselines, excuses = baselines_in_force(), excuses_of(lpars)
        for lpar in lpars:
            lpar.standing = standing_of(lpar, baselines, excuses.get(lpar.pk, "")).reason  # type: ignore[attr-defined]


class BaselinesView(FormView[BaselineForm]):
    """The baselines and exceptions; an administrator adds and ends them here."""

    template_name = "inventory/baselines.html"
    form_class = BaselineForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`baselines`, `exceptions`, and the form for who may."""
        person = person_of(self.request)
        exceptions = of_visible_teams(person, exceptions_in_force(), "lpar__team")
        return super().get_context_data(
            baselines=Baseline.objects.select_related("team", "created_by").order_by(
                F("ended_at").asc(nulls_first=True), "due_on"
            ),
            exceptions=exceptions.select_related("lpar__host", "owner", "granted_by").order_by("expires_on"),
            may_change=administers(person),
            **kwargs,
        )

    def form_valid(self, form: BaselineForm) -> HttpResponse:
        """Create it; what the action refuses is said at the form."""
        require(person_of(self.request), {Role.ADMINISTRATOR}, None, "set baselines")
        try:
            baseline = create_baseline(person_of(self.request), BaselineWish(**form.cleaned_data))
        except PortalError as refused:
            form.add_error(None, f"{refused.message} {refused.remedy}".strip())
            return self.form_invalid(form)
        messages.success(self.request, f"{baseline} asks {baseline.minimum_level} until {baseline.due_on}.")
        return redirect("baselines")


class EndBaselineView(View):
    """Ask a level no longer."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End it and go back."""
        get_object_or_404(Baseline, pk=pk)
        end_baseline(person_of(request), pk)
        return redirect("baselines")


class ExceptionView(FormView[ExceptionForm]):
    """Let one LPAR stay below its baselines."""

    template_name = "inventory/exception.html"
    form_class = ExceptionForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Administrators only."""
        self.lpar = get_object_or_404(
            visible_lpars(request.user).select_related("host", "team"), pk=kwargs["pk"]
        )
        require(person_of(request), {Role.ADMINISTRATOR}, None, "grant exceptions")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`lpar`, how it stands, and the exceptions so far."""
        return super().get_context_data(
            lpar=self.lpar,
            standing=standing_of(self.lpar),
            exceptions=self.lpar.level_exceptions.select_related("owner", "granted_by")[:20],
            **kwargs,
        )

    def form_valid(self, form: ExceptionForm) -> HttpResponse:
        """Grant it; what the action refuses is said at the form."""
        try:
            grant_exception(person_of(self.request), self.lpar.pk, Leave(**form.cleaned_data))
        except PortalError as refused:
            form.add_error(None, f"{refused.message} {refused.remedy}".strip())
            return self.form_invalid(form)
        messages.success(self.request, f"{self.lpar} is excepted until {form.cleaned_data['expires_on']}.")
        return redirect("lpar", pk=self.lpar.pk)


class EndExceptionView(View):
    """Take an exception back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End it and go back."""
        get_object_or_404(of_visible_teams(request.user, exceptions_in_force(), "lpar__team"), pk=pk)
        end_exception(person_of(request), pk, request.POST.get("reason", ""))
        return redirect("baselines")
