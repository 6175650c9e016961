"""Who has which role: auditors read it, administrators change it."""

from typing import Any

from django.contrib import messages
from django.db.models import Case, Prefetch, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from portal.access.actions import grant, revoke
from portal.access.factors import Factor
from portal.access.models import Membership, User
from portal.access.people.filters import PersonFilter
from portal.access.people.forms import GrantForm, ReasonForm
from portal.access.people.personal import ERASURE_FORM, HOLD_FORM
from portal.access.people.tables import PersonTable
from portal.access.personal.commitment import standing_of
from portal.access.personal.deciding import hold_on
from portal.access.personal.erasure import erasure_of
from portal.access.policies import require, roles
from portal.access.requests import person_of
from portal.access.roles import Role
from portal.access.second_factor.actions import remove_second_factor, second_factor_of
from portal.access.step_up import require_proof
from portal.access.unsent import unsent
from portal.lib.errors import Invalid
from portal.web.lists import ListView

READERS = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})
STATE = Case(
    When(erased_at__isnull=False, then=Value("erased")),
    When(is_active=True, then=Value("active")),
    default=Value("inactive"),
)


class PeopleReaders(View):
    """Lets auditors and administrators in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raises NotAllowed."""
        require(person_of(request), READERS, None, "see people and their roles")
        return super().dispatch(request, *args, **kwargs)


class PeopleView(PeopleReaders, ListView):
    """Everybody who can sign in, or could."""

    table_class = PersonTable
    filterset_class = PersonFilter
    heading = "People"
    lead = "Who may do what where. People and teams are added on the portal's machine: manage.py add_person"
    empty = "Nobody is called so."
    export_name = "people"

    def get_queryset(self) -> QuerySet[User]:
        """Everybody, with their roles."""
        return User.objects.annotate(state=STATE).prefetch_related(
            Prefetch("memberships", Membership.objects.select_related("team").order_by())
        )


class PersonView(PeopleReaders, TemplateView):
    """One person, their roles, and the forms that change them."""

    template_name = "access/person.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`shown` (the person looked at), `held`, `themselves`, `may_change`, `factor`, `form`, and of their
        data `committed`, `hold`, `erasure`, `hold_form`, `erasure_form`."""
        viewer = person_of(self.request)
        shown = get_object_or_404(User.objects.annotate(state=STATE), pk=kwargs["pk"])
        themselves = viewer.pk == shown.pk
        return super().get_context_data(
            shown=shown,
            held=shown.memberships.select_related("team"),
            themselves=themselves,
            may_change=Role.ADMINISTRATOR in roles(viewer, None) and not themselves and not shown.erased_at,
            factor=second_factor_of(shown),
            form=GrantForm(),
            committed=standing_of(shown),
            hold=hold_on(shown),
            erasure=erasure_of(shown),
            hold_form=ReasonForm(auto_id="hold_%s", initial=unsent(self.request, HOLD_FORM, str(shown.pk))),
            erasure_form=ReasonForm(
                auto_id="erasure_%s", initial=unsent(self.request, ERASURE_FORM, str(shown.pk))
            ),
            **kwargs,
        )


class GrantView(View):
    """Give a role."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Grant it and go back to the person. Raises NotAllowed, Invalid, Conflict."""
        form = GrantForm(request.POST)
        if not form.is_valid():
            raise Invalid(
                "There is no such role or team.", remedy="Choose them from the lists.", code="unknown_name"
            )
        person = get_object_or_404(User, pk=pk)
        given = grant(
            person, Role(form.cleaned_data["role"]), form.cleaned_data["team"], by=person_of(request)
        )
        messages.success(request, f"{given}: granted.")
        return redirect("person", pk=pk)


class RevokeView(View):
    """Take a role away."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, membership: int) -> HttpResponse:
        """Revoke it and go back to the person. Raises NotAllowed, Conflict."""
        held = get_object_or_404(Membership.objects.select_related("user", "team"), pk=membership, user=pk)
        revoke(held.user, Role(held.role), held.team, by=person_of(request))
        messages.success(request, f"{held}: revoked.")
        return redirect("person", pk=pk)


class ResetSecondFactorView(View):
    """Remove the second factor of somebody who lost it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Reset it and go back to the person. Raises NotAllowed, StepUpNeeded, Conflict."""
        by = person_of(request)
        require(by, {Role.ADMINISTRATOR}, None, "reset a second factor")
        person = get_object_or_404(User, pk=pk)
        require_proof(request, Factor.PASSWORD)
        remove_second_factor(person, by=by)
        messages.success(request, f"The second factor of {person} is reset.")
        return redirect("person", pk=pk)
