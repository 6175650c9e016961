"""Requests: ask, change, hand in, take back."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views import View
from django.views.generic import FormView

from inventory.actions.facts import stored_facts
from inventory.models import Lpar
from inventory.policies import visible_lpars
from liveupdate.actions.emergencies import Urgency
from liveupdate.actions.requests import (
    create_request,
    edit_request,
    plan_again,
    submit_request,
    withdraw_request,
)
from liveupdate.models import Request
from liveupdate.pages.filters import RequestFilter
from liveupdate.pages.findings import consents_needed
from liveupdate.pages.forms import DigestForm, ReasonForm, UrgentForm, values_of
from liveupdate.pages.packages_at_hand import packages_at_hand
from liveupdate.pages.procedure_choice import chosen, offered
from liveupdate.pages.request_form import RequestForm, kept
from liveupdate.pages.tables import RequestTable
from liveupdate.policies import require_requester, visible_requests
from liveupdate.procedures.catalogue import checks_of
from liveupdate.procedures.procedure import Procedure
from liveupdate.queries import usual_media
from liveupdate.readiness.catalogue import assess
from liveupdate.records.finding_document import finding_document
from liveupdate.records.subjects import LOCAL_LIVE_UPDATE, subject_of_lpar
from portal.access.requests import person_of
from portal.lib.errors import Invalid
from portal.web.lists import ListView

WINDOW = timedelta(hours=4)


class RequestListView(ListView):
    """The requests of the person's teams, or all."""

    table_class = RequestTable
    filterset_class = RequestFilter
    heading = "Requests"
    lead = "Who asked for what, and how far it came"
    empty = "Nobody asked for an update yet. Start on the page of an LPAR."
    export_name = "requests"

    def get_queryset(self) -> QuerySet[Request]:
        """What the person may see."""
        return visible_requests(self.request.user).select_related("lpar__host", "team", "requester")


class NewRequestView(FormView[RequestForm]):
    """Ask for work on one LPAR."""

    template_name = "liveupdate/request_form.html"
    form_class = RequestForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Requesters of the LPAR's team only."""
        lpar = self._lpar()
        require_requester(person_of(request), lpar.team, f"ask for work on {lpar}")
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """The usual media, a window that starts now, and what was filled in for another procedure."""
        opens = timezone.localtime().replace(second=0, microsecond=0)
        media, level = usual_media(self._lpar())
        if packages := packages_at_hand(self._lpar(), chosen(self.request, LOCAL_LIVE_UPDATE)):
            media = packages[0].media
        usual = {"starts_at": opens, "ends_at": opens + WINDOW, "media": media, "target_level": level}
        return usual | kept(self.request.GET)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The procedure, and the consents that it needs on the LPAR as it was seen last."""
        asked = chosen(self.request, LOCAL_LIVE_UPDATE)
        return {**super().get_form_kwargs(), "asked": asked, "needed": _needed(self._lpar(), asked)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`lpar`, the procedures to choose from, a heading, and the ifix packages that it could get."""
        lpar = self._lpar()
        kwargs["heading"] = f"Ask for work on {lpar}"
        context = super().get_context_data(lpar=lpar, **kwargs)
        asked = context["form"].asked
        return context | offered(lpar, asked) | {"packages": packages_at_hand(lpar, asked)}

    def form_valid(self, form: RequestForm) -> HttpResponse:
        """Create the request; what the action refuses is said on the form."""
        try:
            request = create_request(person_of(self.request), self._lpar().pk, form.wish())
        except Invalid as refused:
            form.add_error(None, f"{refused.message} {refused.remedy}".strip())
            return self.form_invalid(form)
        return redirect(request)

    def _lpar(self) -> Lpar:
        wanted = self.request.GET.get("lpar", "")
        lpars = visible_lpars(self.request.user).select_related(
            "host", "team", "managed_system", "hmc__host", "nim_master__host"
        )
        return get_object_or_404(lpars, pk=int(wanted) if wanted.isascii() and wanted.isdigit() else 0)


def _needed(lpar: Lpar, asked: Procedure) -> list[str]:
    subject = subject_of_lpar(lpar, stored_facts(lpar), procedure=asked.name)
    assessment = assess(subject, checks_of(asked.name))
    return consents_needed([finding_document(finding) for finding in assessment.findings])


class EditRequestView(FormView[RequestForm]):
    """Change what is asked for; the plan and the decisions on it become void."""

    template_name = "liveupdate/request_form.html"
    form_class = RequestForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Requesters of the request's team only."""
        asked = self._request()
        require_requester(person_of(request), asked.team, f"edit {asked.number}")
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """The request as it is, with the version that is read."""
        request = self._request()
        names = ("media", "target_level", *RequestForm.base_fields)
        said = {name: getattr(request, name) for name in names if name not in ("procedure", "version")}
        return {"version": request.version, **said, **request.choices, **kept(self.request.GET)}

    def get_form_kwargs(self) -> dict[str, Any]:
        """The procedure, and the consents that the LPAR needs as it was seen last."""
        request = self._request()
        asked = chosen(self.request, request.procedure)
        return {**super().get_form_kwargs(), "asked": asked, "needed": consents_needed(request.findings)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`lpar`, `asked`, the procedures to choose from, a heading, and the ifix packages."""
        request = self._request()
        lpar = request.lpar
        context = super().get_context_data(
            lpar=lpar, asked=request, heading=f"Edit {request.number}", **kwargs
        )
        asked = context["form"].asked
        return context | offered(lpar, asked) | {"packages": packages_at_hand(lpar, asked)}

    def form_valid(self, form: RequestForm) -> HttpResponse:
        """Store the edit."""
        version = form.cleaned_data["version"] or 0
        try:
            request = edit_request(person_of(self.request), self.kwargs["pk"], version, form.wish())
        except Invalid as refused:
            form.add_error(None, f"{refused.message} {refused.remedy}".strip())
            return self.form_invalid(form)
        messages.success(self.request, "The plan is rendered anew; earlier decisions are void.")
        return redirect(request)

    def _request(self) -> Request:
        requests = visible_requests(self.request.user).select_related(
            "lpar__host", "lpar__nim_master__host", "team"
        )
        return get_object_or_404(requests, pk=self.kwargs["pk"])


class RequestActionView(View):
    """A step of the requester: submit, plan again, withdraw."""

    http_method_names = ["post"]
    verb = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do it and go back to the request."""
        get_object_or_404(visible_requests(request.user), pk=pk)
        person = person_of(request)
        match self.verb:
            case "submit":
                submit_request(person, pk, values_of(DigestForm(request.POST))["plan_digest"])
                messages.success(request, "Submitted. The approvers of the team see it in their inbox.")
            case "urgent":
                said = values_of(UrgentForm(request.POST))
                urgency = Urgency(said["incident"], said["reason"])
                submit_request(person, pk, said["plan_digest"], urgency)
                messages.success(request, "Handed in as an emergency. Every approver of the team is told.")
            case "plan":
                plan_again(person, pk)
            case "withdraw":
                withdraw_request(person, pk, values_of(ReasonForm(request.POST))["reason"])
                messages.success(request, "Withdrawn.")
        return redirect("request", pk=pk)
