"""A request with its plan: to read, to compare, to copy, to talk about."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.conversation import say
from liveupdate.models import Request
from liveupdate.pages.forms import CommentForm, values_of
from liveupdate.pages.plan_text import plan_text
from liveupdate.pages.proof_first import proofs_first
from liveupdate.pages.review import RELATED, review_of
from liveupdate.policies import visible_requests
from liveupdate.states import RequestState
from portal.access.requests import person_of
from portal.lib.errors import Conflict

MOVING = {RequestState.PLANNING, RequestState.APPROVED, RequestState.STARTED}


class RequestView(TemplateView):
    """One request with its plan, as requester and approver read it."""

    template_name = "liveupdate/request.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; nothing for a page that asks whether what it shows is still so."""
        if "shown" in request.GET:
            asked = get_object_or_404(visible_requests(request.user), pk=kwargs["pk"])
            if request.GET["shown"] == _shown(asked):
                return HttpResponse(status=204)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Everything a decision rests on, beside the plan that `?against=` names."""
        person = person_of(self.request)
        rows = visible_requests(person).select_related(*RELATED)
        asked = get_object_or_404(rows, pk=self.kwargs["pk"])
        review = review_of(person, asked, self.request.GET.get("against", ""))
        return super().get_context_data(
            **review,
            **proofs_first(self.request, review),
            moving=asked.state in MOVING,
            shown=_shown(asked),
            **kwargs,
        )


def _shown(request: Request) -> str:
    """What changes whenever the page of the request reads differently."""
    return f"{request.state}-{request.version}-{request.plan_id or 0}-{request.updated_at:%s%f}"


class PlanTextView(View):
    """The plan as plain text."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All of it. Raises Conflict where there is no plan."""
        asked = get_object_or_404(visible_requests(request.user).select_related(*RELATED), pk=pk)
        if asked.plan is None:
            raise Conflict(f"{asked.number} has no plan.", remedy="Wait until it is planned.", code="no_plan")
        answer = HttpResponse(plan_text(asked, asked.plan), content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = f'inline; filename="{asked.number.lower()}.txt"'
        return answer


class CommentView(View):
    """Say something about a request."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep it and go back to the conversation."""
        get_object_or_404(visible_requests(request.user), pk=pk)
        say(person_of(request), pk, values_of(CommentForm(request.POST))["text"])
        messages.success(request, "Said; those who ask and decide see it.")
        return redirect("request", pk=pk)
