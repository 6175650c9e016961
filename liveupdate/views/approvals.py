"""The inbox of decisions, and the decisions themselves."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.approvals import approve, reject, withdraw_approval
from liveupdate.pages.forms import ApproveForm, ReasonForm, RejectForm, values_of
from liveupdate.policies import visible_requests
from liveupdate.queries import decided_by, waiting_for, waiting_for_others
from portal.access.requests import person_of
from portal.access.step_up import factor_of


class ApprovalsView(TemplateView):
    """What waits for this person, what of theirs waits for others, what they decided."""

    template_name = "liveupdate/approvals.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`waiting`, `others`, `decided`."""
        person = person_of(self.request)
        return super().get_context_data(
            waiting=waiting_for(person),
            others=waiting_for_others(person),
            decided=decided_by(person)[:20],
            **kwargs,
        )


class DecisionView(View):
    """Approve, reject, or take an approval back; the digest of the page is part of the decision."""

    http_method_names = ["post"]
    verb = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Decide and go back to the request."""
        get_object_or_404(visible_requests(request.user), pk=pk)
        person, factor = person_of(request), factor_of(request)
        match self.verb:
            case "approve":
                wanted = values_of(ApproveForm(request.POST))
                given = {"version": wanted["version"], "factor": factor}
                approve(person, pk, wanted["plan_digest"], wanted["comment"], **given)
                messages.success(request, "Approved. It starts when its change window is open.")
            case "reject":
                wanted = values_of(RejectForm(request.POST))
                given = {"version": wanted["version"], "factor": factor}
                reject(person, pk, wanted["plan_digest"], wanted["reason"], **given)
                messages.success(request, "Rejected. The requester sees your reason.")
            case "withdraw":
                withdraw_approval(person, pk, values_of(ReasonForm(request.POST))["reason"])
                messages.success(request, "Your approval is taken back.")
        return redirect("request", pk=pk)
