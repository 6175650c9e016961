"""The readiness checks themselves: what each asks, which LPARs have it, and the matrix of both."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView

from inventory.filters import LparFilter
from inventory.models import Lpar
from inventory.policies import visible_lpars
from liveupdate.actions.answers import MAY_ANSWER, give_answer
from liveupdate.models import GivenAnswer, StoredFinding
from liveupdate.pages.filters import FindingFilter
from liveupdate.pages.forms import AnswerForm, values_of
from liveupdate.pages.matrix import matrix_of
from liveupdate.pages.tables import FindingTable, MatrixTable
from liveupdate.queries import check_counts, visible_findings
from liveupdate.readiness.base import Check
from liveupdate.readiness.catalogue import CHECK_OF, CHECKS, QUESTIONS
from liveupdate.readiness.chapters import by_chapter, chapter_of
from portal.access.policies import roles
from portal.access.requests import person_of
from portal.web.lists import ListView


class CheckListView(TemplateView):
    """Every requirement, by chapter, with how many LPARs it stops, warns, or leaves in the dark."""

    template_name = "liveupdate/checks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`chapters`: title → rows of a check and its counts."""
        counts = check_counts(person_of(self.request))
        chapters = {
            title: [(check, counts.get(check.id, {})) for check in members]
            for title, members in by_chapter(CHECKS).items()
        }
        return super().get_context_data(chapters=chapters, total=len(CHECKS), **kwargs)


class CheckView(ListView):
    """One requirement: what it is, why, how to see and to cure it, and what it found where."""

    template_name = "liveupdate/check.html"
    table_class = FindingTable
    filterset_class = FindingFilter
    empty = "No LPAR that you may see is in this state."
    page_size = 50

    @cached_property
    def check(self) -> Check:
        """The requirement of the address."""
        try:
            return CHECK_OF[self.kwargs["check_id"]]
        except KeyError as error:
            raise Http404("There is no such requirement.") from error

    @property
    def heading(self) -> str:  # type: ignore[override]  # of this page, not of the class
        """The requirement's title."""
        return self.check.title

    @property
    def export_name(self) -> str:  # type: ignore[override]  # of this page, not of the class
        """The requirement's id."""
        return self.check.id

    def get_queryset(self) -> QuerySet[StoredFinding]:
        """What the check found on the LPARs that the person may see."""
        found = visible_findings(person_of(self.request)).filter(check_id=self.check.id)
        return found.select_related("lpar__host", "lpar__team").order_by("lpar__host__name")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list, and the check with its chapter."""
        return super().get_context_data(check=self.check, chapter=chapter_of(self.check.id), **kwargs)


class MatrixView(ListView):
    """LPARs against checks: where the fleet stands, at a glance."""

    template_name = "liveupdate/matrix.html"
    table_class = MatrixTable
    filterset_class = LparFilter
    heading = "Readiness matrix"
    lead = "Each LPAR against every requirement that is not met by all of this page"
    empty = "No LPAR matches."
    export_name = "readiness"
    page_size = 25

    def get_queryset(self) -> QuerySet[Lpar]:
        """The LPARs that the person may see."""
        return visible_lpars(person_of(self.request)).select_related("host", "team", "managed_system")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list's context, and `matrix` of the page's LPARs."""
        context = super().get_context_data(**kwargs)
        shown = [row.record for row in context["table"].paginated_rows]
        return {**context, "matrix": matrix_of(shown)}


class AnswerView(TemplateView):
    """Answer for one LPAR what no command can tell, and see who answered what before."""

    template_name = "liveupdate/answer.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`lpar`, `check`, `given`, and the form for who may answer."""
        person = person_of(self.request)
        lpar = get_object_or_404(visible_lpars(person).select_related("host", "team"), pk=self.kwargs["pk"])
        check = QUESTIONS.get(self.kwargs["check_id"])
        if check is None:
            raise Http404("This requirement asks people nothing.")
        given = GivenAnswer.objects.filter(lpar=lpar, check_id=check.id).select_related("by")
        may_answer = roles(person, lpar.team) & MAY_ANSWER
        form = kwargs.pop("form", None) or (AnswerForm() if may_answer else None)
        return super().get_context_data(lpar=lpar, check=check, given=given[:20], form=form, **kwargs)

    def post(self, request: HttpRequest, pk: int, check_id: str) -> HttpResponse:
        """Keep the answer and go back to the LPAR."""
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        wanted = values_of(form)
        give_answer(
            person_of(request),
            pk,
            check_id,
            holds=wanted["holds"],
            reason=wanted["reason"],
            good_until=wanted["good_until"],
        )
        messages.success(request, "Your answer is kept; the LPAR was judged anew.")
        return redirect("lpar", pk=pk)
