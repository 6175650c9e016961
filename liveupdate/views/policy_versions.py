"""The approval policy: its versions, what differs between them, and who would decide."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import TemplateView

from liveupdate.actions.policy_versions import write_policy
from liveupdate.models import PolicyVersion, Request
from liveupdate.pages.ladder import shown_ladder
from liveupdate.pages.policy_form import BenchForm, PolicyForm, RuleFormSet, filled_from, policy_from
from liveupdate.pages.policy_words import differences, lines_of
from liveupdate.records.ladders import Standing, standing_of
from liveupdate.records.policy_versions import digest_of_version, policy_of, version_in_force
from liveupdate.records.terms import Terms, risk_of_request
from portal.access.policies import require, roles
from portal.access.requests import person_of
from portal.access.roles import Role
from portal.lib.clock import now
from portal.lib.errors import Invalid


class PolicyView(TemplateView):
    """The policy that holds, and every version."""

    template_name = "liveupdate/policy/policy.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`current` (None: the shipped one), its `lines`, all `versions`."""
        current = version_in_force(now())
        return super().get_context_data(
            current=current,
            lines=lines_of(policy_of(current)),
            digest=digest_of_version(current),
            versions=PolicyVersion.objects.select_related("author"),
            now=now(),
            may_write=Role.ADMINISTRATOR in roles(person_of(self.request), None),
            **kwargs,
        )


class PolicyVersionView(TemplateView):
    """One version, and what it changed."""

    template_name = "liveupdate/policy/version.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`version`, its `lines`, and the `difference` to the one before."""
        version = get_object_or_404(PolicyVersion.objects.select_related("author"), pk=self.kwargs["pk"])
        before = PolicyVersion.objects.filter(pk__lt=version.pk).order_by("-pk").first()
        return super().get_context_data(
            version=version,
            lines=lines_of(policy_of(version)),
            before=before,
            difference=differences(policy_of(before), policy_of(version)),
            **kwargs,
        )


class NewPolicyView(TemplateView):
    """Write the next version, beginning with the one that holds."""

    template_name = "liveupdate/policy/new.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The forms. Raises NotAllowed."""
        require(person_of(self.request), {Role.ADMINISTRATOR}, None, "change the approval policy")
        policy = policy_of(version_in_force(now()))
        head = {
            "confirm_min": policy["confirm_s"] // 60,
            "review_days": policy["review_days"],
            "active_from": timezone.localtime(),
        }
        kwargs.setdefault("head", PolicyForm(initial=head))
        kwargs.setdefault("rules", RuleFormSet(initial=filled_from(policy)))
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Write it; what is wrong is said on the form. Raises NotAllowed."""
        person = person_of(request)
        require(person, {Role.ADMINISTRATOR}, None, "change the approval policy")
        head, rules = PolicyForm(request.POST), RuleFormSet(request.POST)
        if head.is_valid() and rules.is_valid():
            said = head.cleaned_data
            try:
                version = write_policy(person, policy_from(head, rules), said["reason"], said["active_from"])
            except Invalid as refused:
                head.add_error(None, f"{refused.message} {refused.remedy}".strip())
            else:
                messages.success(request, "Written. What was handed in before stays on its version.")
                return redirect(version)
        return self.render_to_response(self.get_context_data(head=head, rules=rules), status=400)


class BenchView(TemplateView):
    """Who would have to approve this?"""

    template_name = "liveupdate/policy/bench.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and the `ladder` of a request that nobody made."""
        form = BenchForm(person_of(self.request), self.request.GET or None)
        ladder = None
        if form.is_bound and form.is_valid():
            ladder = shown_ladder(_standing(form.cleaned_data))
        return super().get_context_data(form=form, ladder=ladder, **kwargs)


def _standing(asked: dict[str, Any]) -> Standing:
    lpar, moment = asked["lpar"], now()
    request = Request(lpar=lpar, team=lpar.team, requester=asked["requester"], procedure=asked["procedure"])
    request.created_at = request.starts_at = request.ends_at = moment
    version = version_in_force(moment)
    terms = Terms(
        asked["change"],
        lpar.environment,
        risk_of_request(request),
        policy_of(version),
        digest_of_version(version),
    )
    return standing_of(request, terms=terms)
