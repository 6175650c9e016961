"""Requests: ask, change, hand in, take back."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.views import View
from django.views.generic import FormView

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
from liveupdate.pages.nim_stock import Stock, stock_for
from liveupdate.pages.procedure_choice import chosen, offered
from liveupdate.pages.request_form import RequestForm, kept
from liveupdate.pages.tables import RequestTable
from liveupdate.policies import require_requester, visible_requests
from liveupdate.procedures.procedure import Procedure
from liveupdate.queries import consents_needed_by, usual_media
from liveupdate.records.free_slots import offer_for
from liveupdate.records.subjects import LOCAL_LIVE_UPDATE
from portal.access.requests import person_of
from portal.access.step_up import factor_of
from portal.access.unsent import confirm_first, kept_when_interrupted
from portal.lib.errors import Invalid
from portal.web.lists import ListView

WINDOW = timedelta(hours=4)
URGENT = ("incident", "reason")
"""What somebody types to hand a plan in as an emergency."""


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


class RequestFormView(FormView[RequestForm]):
    """What asking and editing have in common: the form of the chosen procedure for an LPAR."""

    template_name = "liveupdate/request_form.html"
    form_class = RequestForm
    lpar: Lpar
    asked: Procedure

    @cached_property
    def stock(self) -> Stock:
        """What the LPAR's NIM master holds of what the procedure asks for."""
        return stock_for(self.lpar, self.asked)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The procedure, what there is to choose from, and the consents that the LPAR needs."""
        needed = consents_needed_by(self.lpar)
        own = {"asked": self.asked, "needed": needed, "stock": self.stock}
        return super().get_form_kwargs() | own | {"offer": offer_for(self.lpar, self.asked.name)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`lpar`, the procedures to choose from, and the values `known` for what they ask."""
        known = {ask.name: self.stock.known(ask.name) for ask in self.asked.asks}
        context = super().get_context_data(lpar=self.lpar, known=known, **kwargs)
        return context | offered(self.lpar, self.asked)


class NewRequestView(RequestFormView):
    """Ask for work on one LPAR."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Requesters of the LPAR's team only."""
        wanted = request.GET.get("lpar", "")
        lpars = visible_lpars(request.user).select_related(
            "host", "team", "managed_system", "hmc__host", "nim_master__host"
        )
        self.lpar = get_object_or_404(lpars, pk=int(wanted) if wanted.isascii() and wanted.isdigit() else 0)
        self.asked = chosen(request, LOCAL_LIVE_UPDATE)
        require_requester(person_of(request), self.lpar.team, f"ask for work on {self.lpar}")
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """The usual media, a window that starts now, and what was filled in for another procedure."""
        opens = timezone.localtime().replace(second=0, microsecond=0)
        media, level = usual_media(self.lpar)
        if self.stock.packages:
            media = self.stock.packages[0].media
        usual = {"starts_at": opens, "ends_at": opens + WINDOW, "media": media, "target_level": level}
        return usual | kept(self.request.GET)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """And a heading."""
        return super().get_context_data(heading=f"Ask for work on {self.lpar}", **kwargs)

    def form_valid(self, form: RequestForm) -> HttpResponse:
        """Create the request; what the action refuses is said on the form."""
        try:
            request = create_request(person_of(self.request), self.lpar.pk, form.wish())
        except Invalid as refused:
            form.add_error(None, f"{refused.message} {refused.remedy}".strip())
            return self.form_invalid(form)
        return redirect(request)


class EditRequestView(RequestFormView):
    """Change what is asked for; the plan and the decisions on it become void."""

    edited: Request

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Requesters of the request's team only."""
        requests = visible_requests(request.user).select_related(
            "lpar__host", "lpar__nim_master__host", "team"
        )
        self.edited = get_object_or_404(requests, pk=kwargs["pk"])
        self.lpar, self.asked = self.edited.lpar, chosen(request, self.edited.procedure)
        require_requester(person_of(request), self.edited.team, f"edit {self.edited.number}")
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """The request as it is, with the version that is read."""
        names = ("media", "target_level", *RequestForm.base_fields)
        said = {name: getattr(self.edited, name) for name in names if name not in ("procedure", "version")}
        return {
            "version": self.edited.version, **said, **self.edited.choices, **kept(self.request.GET),
        }  # fmt: skip

    def get_form_kwargs(self) -> dict[str, Any]:
        """The consents that the request was found to need."""
        return {**super().get_form_kwargs(), "needed": consents_needed(self.edited.findings)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The request as `asked`, and a heading."""
        heading = f"Edit {self.edited.number}"
        return super().get_context_data(asked=self.edited, heading=heading, **kwargs)

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
                confirm_first(request, "submit-urgent", request.POST.get("plan_digest", ""), URGENT)
                said = values_of(UrgentForm(request.POST))
                urgency = Urgency(said["incident"], said["reason"], factor_of(request))
                digest, typed = said["plan_digest"], {name: said[name] for name in URGENT}
                with kept_when_interrupted(request, "submit-urgent", digest, typed):
                    submit_request(person, pk, digest, urgency)
                messages.success(request, "Handed in as an emergency. Every approver of the team is told.")
            case "plan":
                plan_again(person, pk)
            case "withdraw":
                withdraw_request(person, pk, values_of(ReasonForm(request.POST))["reason"])
                messages.success(request, "Withdrawn.")
        return redirect("request", pk=pk)
