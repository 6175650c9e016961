"""The capacity of a managed system: bars, reservations, and what each surrogate would need."""

from datetime import UTC, datetime, time
from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.timezone import get_current_timezone
from django.views.generic import TemplateView

from inventory.estate import lpars_in_service, visible_systems
from inventory.models import ManagedSystem
from liveupdate.pages.capacity import capacities_of
from liveupdate.pages.capacity_curve import Curves, curves_of
from liveupdate.records.demands import frames_of
from portal.access.requests import person_of
from portal.lib.clock import now

MOST_LPARS = 200


class CapacityView(TemplateView):
    """Also the source of the panel on the managed system's page (`#capacity`)."""

    template_name = "liveupdate/capacity.html"

    @cached_property
    def system(self) -> ManagedSystem:
        """The managed system of the address."""
        return get_object_or_404(visible_systems(person_of(self.request)), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`system`, `capacity`, `curves` of the days to come, `more` (LPARs that the page leaves out)."""
        own = lpars_in_service(person_of(self.request)).filter(managed_system=self.system)
        lpars = list(own.select_related("host", "managed_system").order_by("host__name")[: MOST_LPARS + 1])
        return super().get_context_data(
            system=self.system,
            capacity=capacities_of(self.system, lpars[:MOST_LPARS]),
            curves=self._curves(),
            more=own.count() - MOST_LPARS if len(lpars) > MOST_LPARS else 0,
            **kwargs,
        )

    def _curves(self) -> Curves:
        at, zone = now(), get_current_timezone()
        midnight = datetime.combine(at.astimezone(zone), time.min, zone)
        return curves_of(frames_of([self.system], at)[self.system.pk], midnight.astimezone(UTC), zone)
