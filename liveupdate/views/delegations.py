"""Who decides on whose behalf."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views import View
from django.views.generic import TemplateView

from liveupdate.actions.delegations import (
    Mandate,
    delegate,
    end_delegation,
    is_over,
    visible_delegations,
    why_not_end,
)
from liveupdate.control.policy import STAGE_ROLES
from liveupdate.pages.delegation_form import LASTS, DelegationForm
from portal.access.policies import roles_anywhere
from portal.access.requests import person_of
from portal.lib.errors import Invalid


class DelegationsView(TemplateView):
    """What a person gave and took, and the form for who decides on something themselves."""

    template_name = "liveupdate/policy/delegations.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`rows` of a delegation, whether it is over, and whether the person may end it; `form`."""
        person, opens = person_of(self.request), timezone.localtime().replace(second=0, microsecond=0)
        usual = {"starts_at": opens, "ends_at": opens + LASTS}
        form = kwargs.pop("form", None) or DelegationForm(person, initial=usual)
        rows = [
            (each, is_over(each), not is_over(each) and not why_not_end(person, each))
            for each in visible_delegations(person)
        ]
        gives = roles_anywhere(person) & set(STAGE_ROLES)
        return super().get_context_data(rows=rows, form=form if gives else None, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Give one; what is wrong is said on the form. Raises NotAllowed."""
        person = person_of(request)
        form = DelegationForm(person, request.POST)
        if form.is_valid():
            try:
                given = delegate(person, form.cleaned_data["taker"], _mandate(form))
            except Invalid as refused:
                form.add_error(None, refused.message)
            else:
                messages.success(request, f"{given.taker} decides for you until then. The ledger says so.")
                return redirect("delegations")
        return self.render_to_response(self.get_context_data(form=form), status=400)


class EndDelegationView(View):
    """End a delegation."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Now. Raises NotAllowed, Conflict."""
        person = person_of(request)
        get_object_or_404(visible_delegations(person), pk=pk)
        messages.success(request, f"{end_delegation(person, pk)}: it is over.")
        return redirect("delegations")


def _mandate(form: DelegationForm) -> Mandate:
    said = form.cleaned_data
    places = tuple(place.strip() for place in said["environments"].split(",") if place.strip())
    return Mandate(said["starts_at"], said["ends_at"], said["risk"], said["reason"], places)
