"""Discoveries: what HMCs were found to manage, and a person's decisions on what differs."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import FormView

from inventory.actions.decisions import DECIDABLE, accept, accept_all, proposed_name, refuse
from inventory.actions.discovery import DISCOVERERS, MAY_ASK, UNDER_WAY
from inventory.forms import EntryForm, OneEntryForm
from inventory.models import Discovered, Discovery, Host
from inventory.policies import administers, visible_hosts
from inventory.tables import DiscoveryTable
from portal.access.policies import SEE_EVERYTHING, require, roles
from portal.access.requests import person_of
from portal.lib.errors import Invalid, PortalError
from portal.web.lists import ListView

OPEN = Q(decision=Discovered.Decision.OPEN)
SHOWN: dict[str, tuple[str, Q]] = {
    "new": ("New", OPEN & Q(change=Discovered.Change.NEW)),
    "changed": ("Changed", OPEN & Q(change=Discovered.Change.CHANGED)),
    "gone": ("Gone", OPEN & Q(change=Discovered.Change.GONE)),
    "taken": ("Taken in", Q(decision=Discovered.Decision.ACCEPTED)),
    "left": ("Left as it was", Q(decision=Discovered.Decision.REFUSED)),
    "superseded": ("Told otherwise since", Q(decision=Discovered.Decision.SUPERSEDED)),
}
"""What the page of a discovery can show: its label, and which of its findings."""
PER_PAGE = 50


class DiscoveryListView(ListView):
    """Every discovery, the newest first."""

    template_name = "inventory/discoveries.html"
    table_class = DiscoveryTable
    heading = "Discovery"
    lead = "What HMCs manage, compared with the inventory; nothing is retired before somebody says so"
    empty = "Nothing was discovered yet."
    export_name = "discoveries"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The list, for those who see every endpoint."""
        require(person_of(request), SEE_EVERYTHING, None, "see discoveries")
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Discovery]:
        """All of them, with how much each found."""
        changes = {
            name: Count("items", filter=Q(items__change=change))
            for name, change in (("news", "new"), ("changed", "changed"), ("gone", "gone"))
        }
        waiting = Count("items", filter=Q(items__decision=Discovered.Decision.OPEN))
        return Discovery.objects.select_related("host", "asked_by").annotate(waiting=waiting, **changes)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list, and the hosts that can be discovered by this person."""
        may_ask = bool(roles(self.request.user, None) & MAY_ASK)
        hosts = Host.objects.filter(kind__in=DISCOVERERS).order_by("name") if may_ask else ()
        return super().get_context_data(hosts=hosts, **kwargs)


class DiscoveryView(FormView[EntryForm]):
    """What one discovery found; an administrator decides on several findings at once."""

    template_name = "inventory/discovery.html"
    form_class = EntryForm

    @cached_property
    def discovery(self) -> Discovery:
        """The discovery of the address, for those who see its host."""
        visible = Discovery.objects.filter(host__in=visible_hosts(self.request.user))
        return get_object_or_404(visible.select_related("host", "asked_by"), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`discovery`, `chips`, the `findings` of this page, what may be done with them."""
        counts = self.discovery.items.aggregate(
            **{name: Count("pk", filter=which) for name, (_, which) in SHOWN.items()}
        )
        shown = self.request.GET.get("show", "")
        if shown not in SHOWN:
            shown = next((name for name in SHOWN if counts[name]), "new")
        found = self.discovery.items.filter(SHOWN[shown][1]).select_related("decided_by")
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            discovery=self.discovery,
            under_way=self.discovery.state in UNDER_WAY,
            chips=[(name, label, counts[name]) for name, (label, _) in SHOWN.items()],
            shown=shown,
            read=[(name.replace("_", " "), count) for name, count in self.discovery.found.items()],
            findings=page,
            chosen=set(self.request.POST.getlist("item")),
            all_chosen="all" in self.request.GET,
            may_decide=administers(person_of(self.request)) and shown in ("new", "changed", "gone", "left"),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take in or leave what was chosen; the form counts where new LPARs are among it."""
        person, chosen = person_of(request), self._chosen()
        if "refuse" in request.POST:
            return self._decided(f"{refuse(person, chosen)} left as they were.")
        form = self.get_form()
        needs_entry = Q(kind=Discovered.Kind.LPAR, change=Discovered.Change.NEW)
        is_needed = self.discovery.items.filter(needs_entry, pk__in=chosen).exists()
        if is_needed and administers(person) and not form.is_valid():
            return self.form_invalid(form)
        entry = form.entry if is_needed and form.is_valid() else None
        return self._decided(f"{accept_all(person, chosen, entry)} taken into the inventory.")

    def _chosen(self) -> list[int]:
        words = self.request.POST.getlist("item")
        numbers = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19]
        chosen = list(self.discovery.items.filter(pk__in=numbers).values_list("pk", flat=True))
        if not chosen or len(chosen) != len(words):
            raise Invalid("Nothing of this discovery was chosen.", remedy="Choose what to decide on.")
        return chosen

    def _decided(self, told: str) -> HttpResponse:
        messages.success(self.request, told)
        return redirect("discovery", pk=self.discovery.pk)


class DiscoveredView(FormView[EntryForm]):
    """One finding: before and after, and for a new LPAR the form of its host."""

    template_name = "inventory/discovered.html"

    @cached_property
    def item(self) -> Discovered:
        """The finding of the address, for those who see the discovered host."""
        found = Discovered.objects.select_related("discovery__host", "decided_by")
        visible = found.filter(discovery__host__in=visible_hosts(self.request.user))
        return get_object_or_404(visible, pk=self.kwargs["item"], discovery=self.kwargs["pk"])

    @property
    def needs_entry(self) -> bool:
        """Whether it is a new LPAR."""
        return (self.item.kind, self.item.change) == (Discovered.Kind.LPAR, Discovered.Change.NEW)

    def get_form_class(self) -> type[EntryForm]:
        """The form of one host."""
        return OneEntryForm

    def get_initial(self) -> dict[str, Any]:
        """Name and address as proposed."""
        if not self.needs_entry:
            return {}
        name = proposed_name(self.item, taken=False)
        is_taken = Host.objects.filter(name=name).exists()
        return {"name": proposed_name(self.item, taken=is_taken), "address": self.item.after["address"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`item`, `needs_entry`, `may_decide`."""
        item = self.item
        return super().get_context_data(
            item=item,
            needs_entry=self.needs_entry,
            may_decide=administers(person_of(self.request)) and item.decision in DECIDABLE,
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take it in or leave it."""
        item, person = self.item, person_of(request)
        if "refuse" in request.POST:
            refuse(person, [item.pk])
        elif self.needs_entry and administers(person):
            return super().post(request, *args, **kwargs)
        else:
            accept(person, item.pk)
        return redirect(self.get_success_url())

    def form_valid(self, form: EntryForm) -> HttpResponse:
        """Take a new LPAR in; what stands against it is said in the form."""
        try:
            accept(person_of(self.request), self.item.pk, form.entry)
        except PortalError as refused:
            if self.item.decision not in DECIDABLE:
                raise
            form.add_error(None, f"{refused.message} {refused.remedy}".strip())
            return self.form_invalid(form)
        messages.success(self.request, f"{self.item.name} is in the inventory. Accept its host key next.")
        return redirect(self.get_success_url())

    def get_success_url(self) -> str:
        """The discovery."""
        return reverse("discovery", args=[self.item.discovery_id])
