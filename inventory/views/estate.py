"""The estate: the tree from HMC to LPAR, managed systems, HMCs."""

from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import TemplateView

from inventory.actions.readings import reading_of
from inventory.estate import (
    hmc_branches,
    lpars_in_service,
    system_branches,
    verdicts_of,
    visible_systems,
)
from inventory.facts.base import FactMissing, FactSet
from inventory.facts.hmc.hmc_user import HMC_USER
from inventory.facts.hmc_account import HmcUser
from inventory.filters import LparFilter, SystemFilter
from inventory.models import FactReading, Hmc, Lpar, ManagedSystem
from inventory.policies import visible_hosts
from inventory.tables import LparTable, SystemTable
from portal.access.requests import person_of
from portal.web.lists import ListView

BRANCH = 200
"""LPARs that one branch of the tree shows; the rest is a list away."""


class FleetView(TemplateView):
    """The HMCs with counts; what hangs below is fetched when it is opened."""

    template_name = "inventory/fleet.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`branches`: the HMCs."""
        return super().get_context_data(branches=hmc_branches(person_of(self.request)), **kwargs)


def systems_branch(request: HttpRequest, pk: int) -> HttpResponse:
    """The managed systems below an HMC; below 0 those that no HMC runs."""
    hmc = get_object_or_404(Hmc, pk=pk) if pk else None
    branches = system_branches(person_of(request), hmc)
    return render(request, "inventory/branch_systems.html", {"branches": branches})


def lpars_branch(request: HttpRequest, pk: int) -> HttpResponse:
    """The LPARs of a managed system."""
    person = person_of(request)
    system = get_object_or_404(visible_systems(person), pk=pk)
    lpars = list(lpars_in_service(person).filter(managed_system=system).select_related("host")[: BRANCH + 1])
    more = len(lpars) > BRANCH
    return render(
        request, "inventory/branch_lpars.html", {"system": system, "lpars": lpars[:BRANCH], "more": more}
    )


class SystemListView(ListView):
    """The managed systems with what a person may see of them."""

    table_class = SystemTable
    filterset_class = SystemFilter
    heading = "Managed systems"
    lead = "Power servers by serial number, with their LPARs"
    empty = "No managed system is known yet. An administrator imports or discovers them."
    export_name = "managed-systems"

    def get_queryset(self) -> QuerySet[ManagedSystem]:
        """Each with the number of its LPARs that the person may see."""
        person = person_of(self.request)
        seen = Q(lpars__in=lpars_in_service(person))
        return visible_systems(person).annotate(lpar_count=Count("lpars", filter=seen, distinct=True))


class SystemView(ListView):
    """One managed system: its state, HMCs and VIOSs, and its LPARs as a list."""

    template_name = "inventory/system.html"
    table_class = LparTable
    filterset_class = LparFilter
    empty = "None of its LPARs is one that you may see."

    @cached_property
    def system(self) -> ManagedSystem:
        """The managed system of the address."""
        return get_object_or_404(visible_systems(person_of(self.request)), pk=self.kwargs["pk"])

    @property
    def heading(self) -> str:  # type: ignore[override]  # of this page, not of the class
        """The system's name."""
        return self.system.name

    @property
    def export_name(self) -> str:  # type: ignore[override]  # of this page, not of the class
        """The system's serial number."""
        return f"lpars-of-{self.system.serial}"

    def get_queryset(self) -> QuerySet[Lpar]:
        """Its LPARs that the person may see."""
        own = lpars_in_service(person_of(self.request)).filter(managed_system=self.system)
        return own.select_related("host", "team", "managed_system")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list, and `system`, `hmcs`, `vioses`, `verdicts`."""
        return super().get_context_data(
            system=self.system,
            hmcs=self.system.hmcs.select_related("host"),
            vioses=self.system.vioses.filter(retired_at=None),
            verdicts=verdicts_of(self.get_queryset()),
            **kwargs,
        )


class HmcView(TemplateView):
    """One HMC: whether it answers, its key, its version, the user for Live Update, and what it runs."""

    template_name = "inventory/hmc.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`hmc`, `key`, `client` (the user) with `client_reading`, `branches`, `discoveries`."""
        person = person_of(self.request)
        seen = Hmc.objects.filter(host__in=visible_hosts(person)).select_related("host__credential")
        hmc = get_object_or_404(seen, pk=kwargs["pk"])
        reading = self._user_reading(hmc)
        return super().get_context_data(
            hmc=hmc,
            key=hmc.host.keys.exclude(state="retired").order_by("-seen_at").first(),
            client=_user(reading),
            client_reading=reading,
            branches=system_branches(person, hmc),
            discoveries=hmc.host.discoveries.all()[:5],
            **kwargs,
        )

    def _user_reading(self, hmc: Hmc) -> FactReading | None:
        """The newest answer about the user that LPARs authenticate as."""
        about = FactReading.objects.filter(host=hmc.host, fact=HMC_USER.name, key=hmc.client_user)
        return about.filter(current=True).select_related("host").order_by("-read_at").first()


def _user(row: FactReading | None) -> HmcUser | None:
    if row is None:
        return None
    facts = FactSet()
    facts.add(reading_of(row))
    try:
        return facts.value(HMC_USER, row.key)
    except FactMissing:
        return None
