"""The known traces of failures: what each means, what cures it, and which runs it stopped."""

from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404
from django.views.generic import TemplateView

from liveupdate.diagnosis import affected
from liveupdate.diagnosis.base import Signature
from liveupdate.diagnosis.catalogue import SIGNATURE_OF
from liveupdate.diagnosis.diagnosing import filled
from liveupdate.diagnosis.document import by_chapter
from liveupdate.models import Run, StoredDiagnosis
from liveupdate.pages.filters import RunFilter
from liveupdate.pages.tables import RunTable
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.queries import visible_runs
from portal.access.requests import person_of
from portal.web.lists import ListView


class SignatureListView(TemplateView):
    """Every signature, by where it comes from, with how many runs it stopped."""

    template_name = "liveupdate/signatures.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`chapters`: title → rows of a signature and the number of runs that the person may see."""
        seen = StoredDiagnosis.objects.filter(run__in=visible_runs(person_of(self.request)))
        counts = dict(seen.values_list("signature").annotate(runs=Count("run", distinct=True)))
        chapters = {
            title: [(signature, counts.get(signature.id, 0)) for signature in members]
            for title, members in by_chapter().items()
        }
        return super().get_context_data(chapters=chapters, total=len(SIGNATURE_OF), **kwargs)


class SignatureView(ListView):
    """One signature: how it looks, what it means, what cures it, and the runs that had it."""

    template_name = "liveupdate/signature.html"
    table_class = RunTable
    filterset_class = RunFilter
    empty = "No run that you may see had it."

    @cached_property
    def signature(self) -> Signature:
        """The signature of the address."""
        try:
            return SIGNATURE_OF[self.kwargs["signature_id"]]
        except KeyError as error:
            raise Http404("There is no such signature.") from error

    @property
    def heading(self) -> str:  # type: ignore[override]  # of this page, not of the class
        """The signature's title."""
        return self.signature.title

    @property
    def export_name(self) -> str:  # type: ignore[override]  # of this page, not of the class
        """The signature's id."""
        return self.signature.id

    def get_queryset(self) -> QuerySet[Run]:
        """The runs that had it, of those that the person may see."""
        runs = visible_runs(self.request.user).filter(diagnoses__signature=self.signature.id)
        return runs.select_related("lpar__host", "request__team")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list, and the signature with its commands and levels."""
        signature = self.signature
        return super().get_context_data(
            signature=signature,
            commands=[filled(command, {}) for command in signature.commands],
            levels=affected.levels_of(signature),
            apars=affected.apars(signature),
            procedure=PROCEDURES.get(signature.procedure),
            **kwargs,
        )
