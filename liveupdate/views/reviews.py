"""Deadlines for faults, and reviews of access."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.generic import TemplateView

from inventory.compliance.severity import Severity
from inventory.policies import administers
from liveupdate.actions.access_reviews import REVIEWERS, review_access, roles_digest, roles_held
from liveupdate.actions.deadlines import deadlines_at, write_deadlines
from liveupdate.models import AccessReview, DeadlineVersion
from liveupdate.pages.forms import ConclusionForm, DeadlinesForm, values_of
from portal.access.policies import require
from portal.access.requests import person_of
from portal.lib.clock import now

SHOWN = 50


class DeadlinesView(TemplateView):
    """The deadlines that hold, their versions, and the form for administrators."""

    template_name = "liveupdate/deadlines.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`days` by severity, `version`, `versions`, `form`."""
        days, version = deadlines_at(now())
        initial = {severity.value: each for severity, each in days.items()}
        may = administers(person_of(self.request))
        return super().get_context_data(
            days=[(severity.written, days[severity]) for severity in Severity],
            version=version,
            versions=DeadlineVersion.objects.select_related("author")[:SHOWN],
            form=DeadlinesForm(initial=initial) if may else None,
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let others hold. Raises NotAllowed, Invalid."""
        said = values_of(DeadlinesForm(request.POST))
        write_deadlines(
            person_of(request), {each.value: said[each.value] for each in Severity}, said["reason"]
        )
        messages.success(request, "They hold from now on. The ledger says so.")
        return redirect("deadlines")


class AccessReviewsView(TemplateView):
    """Who holds which role, with the form by which an auditor or administrator records their review."""

    template_name = "liveupdate/access_reviews.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Auditors and administrators only. Raises NotAllowed."""
        require(person_of(request), REVIEWERS, None, "review access")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`held` roles, the digest of them, `reviews` so far, `form`."""
        held = roles_held()
        return super().get_context_data(
            held=held,
            digest=roles_digest(held),
            reviews=AccessReview.objects.select_related("by")[:SHOWN],
            form=ConclusionForm(),
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Record a review. Raises Invalid, Conflict."""
        said = values_of(ConclusionForm(request.POST))
        review_access(person_of(request), request.POST.get("shown", ""), said["conclusion"])
        messages.success(request, "Your review is in the ledger.")
        return redirect("access-reviews")
