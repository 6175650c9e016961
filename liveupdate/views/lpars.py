"""The page of one LPAR: is it ready, why not, what do we know and since when."""

from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from inventory.actions.facts import stored_facts
from inventory.models import FactReading, Lpar
from inventory.policies import visible_lpars
from liveupdate.actions.looks import ask_for_look
from liveupdate.finding_document import finding_document
from liveupdate.finding_view import findings_of
from liveupdate.policies import may_request
from liveupdate.queries import requests_of
from liveupdate.readiness.catalogue import assess
from liveupdate.subjects import subject_of_lpar
from portal.access.requests import person_of

RELATED = ("host__credential", "hmc__host", "managed_system", "nim_master__host", "team")


class LparView(TemplateView):
    """Readiness first, then disks, facts with their provenance, requests and runs."""

    template_name = "liveupdate/lpar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`lpar`, `findings` by weight, disks, readings, requests."""
        lpar = get_object_or_404(visible_lpars(self.request.user).select_related(*RELATED), pk=kwargs["pk"])
        assessment = assess(subject_of_lpar(lpar, stored_facts(lpar)))
        findings = [finding_document(finding) for finding in assessment.findings]
        readings = FactReading.objects.filter(subject=lpar.host, current=True).select_related("host")
        return super().get_context_data(
            lpar=lpar,
            verdict=assessment.verdict,
            findings=findings_of(findings),
            disks=lpar.disks.all(),
            readings=readings.defer("stdout", "stderr"),
            requests=requests_of(lpar)[:10],
            looking=_looking(lpar),
            may_request=may_request(person_of(self.request), lpar.team),
            **kwargs,
        )


def _looking(lpar: Lpar) -> bool:
    """Whether somebody asked for a look that has not been done yet."""
    waiting = Lpar.objects.filter(pk=lpar.pk, look_asked_at__isnull=False)
    return waiting.exclude(facts_read_at__gte=F("look_asked_at")).exists()


class LookView(View):
    """Have a worker read the facts anew."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask and go back to the LPAR."""
        ask_for_look(person_of(request), pk)
        messages.info(request, "A worker reads the facts now; this page follows.")
        return redirect("lpar", pk=pk)


class ReadingView(TemplateView):
    """One reading: the command and every byte that came back, with what was read before it."""

    template_name = "liveupdate/reading.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`lpar`, `reading`, `history`."""
        lpar = get_object_or_404(visible_lpars(self.request.user).select_related(*RELATED), pk=kwargs["pk"])
        readings = FactReading.objects.filter(subject=lpar.host).select_related("host")
        reading = get_object_or_404(readings, pk=kwargs["reading"])
        history = readings.filter(fact=reading.fact, key=reading.key).order_by("-read_at")[:20]
        return super().get_context_data(lpar=lpar, reading_=reading, history=history, **kwargs)
