"""IBM's security and HIPER faults, the LPARs that have them, and the import of the list."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import FormView

from inventory.actions.advisories import import_apar_list
from inventory.actions.exposures import newest_list
from inventory.filters import AdvisoryFilter
from inventory.fixes import cures_among, ifixes_at_hand, updates_at_hand
from inventory.forms import AparListForm
from inventory.models import Advisory, Exposure
from inventory.policies import administers, visible_lpars
from inventory.tables import AdvisoryTable, ExposureTable
from portal.access.policies import of_visible_teams, require
from portal.access.requests import person_of
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.lib.errors import PortalError
from portal.web.lists import ListView


class AdvisoryListView(ListView):
    """The newest list, most exposed first."""

    template_name = "inventory/advisories.html"
    table_class = AdvisoryTable
    filterset_class = AdvisoryFilter
    heading = "Advisories"
    lead = "IBM's list of security and HIPER faults against the filesets and interim fixes of your LPARs"
    empty = "No advisory matches. An administrator imports IBM's apar.csv."
    export_name = "advisories"

    def get_queryset(self) -> QuerySet[Advisory]:
        """The advisories with the number of visible LPARs that have them uncured."""
        lpars = visible_lpars(self.request.user).filter(retired_at=None)
        uncured = Q(exposures__cured_by="", exposures__lpar__in=lpars)
        return Advisory.objects.annotate(exposed=Count("exposures", filter=uncured))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list, the file it came from, and how many LPARs are not compared or not known."""
        file = newest_list()
        lpars = visible_lpars(self.request.user).filter(retired_at=None)
        waiting = lpars.exclude(exposure_look__file=file).count() if file else 0
        unknown = (
            lpars.filter(exposure_look__file=file).exclude(exposure_look__problem="").count() if file else 0
        )
        return super().get_context_data(
            file=file,
            waiting=waiting,
            unknown=unknown,
            may_import=administers(person_of(self.request)),
            **kwargs,
        )


class AdvisoryView(ListView):
    """One advisory, and the LPARs that have its fault."""

    template_name = "inventory/advisory.html"
    table_class = ExposureTable
    empty = "None of your LPARs has it."

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The advisory of the address."""
        super().setup(request, *args, **kwargs)
        self.advisory = get_object_or_404(Advisory, pk=kwargs["pk"])
        self.heading = self.advisory.apar
        self.export_name = f"advisory-{self.advisory.apar}"

    def get_queryset(self) -> QuerySet[Exposure]:
        """The exposures that the person may see."""
        exposures = of_visible_teams(self.request.user, self.advisory.exposures.all(), "lpar__team")
        return exposures.select_related("lpar__host", "lpar__team")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list, the advisory, and the fixes `at_hand` in lpp_sources."""
        ifixes = cures_among(ifixes_at_hand(), self.advisory)
        at_hand = [*ifixes, *updates_at_hand(self.advisory)]
        return super().get_context_data(advisory=self.advisory, at_hand=at_hand, **kwargs)


class ImportAparListView(FormView[AparListForm]):
    """Bring a new list in."""

    template_name = "inventory/import_apar_list.html"
    form_class = AparListForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Administrators only."""
        require(person_of(request), {Role.ADMINISTRATOR}, None, "import IBM's list of faults")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and the list that counts now."""
        return super().get_context_data(file=newest_list(), **kwargs)

    def form_valid(self, form: AparListForm) -> HttpResponse:
        """Import it; a file that is not the list is refused at the form."""
        upload = form.cleaned_data["file"]
        person = person_of(self.request)
        try:
            done = import_apar_list(
                upload.name,
                upload.read(),
                actor=Actor.person(person.public_id),
                person=person,
                dry_run=False,
            )
        except PortalError as refused:
            form.add_error("file", f"{refused.message} {refused.remedy}".strip())
            return self.form_invalid(form)
        read = done.read
        told = f"{len(read.advisories)} advisories on AIX; {read.skipped} lines are on other products"
        refused_lines = f"; {len(read.refused)} were not understood" if read.refused else ""
        messages.success(self.request, f"{told}{refused_lines}. A worker compares the LPARs now.")
        return redirect("advisories")
