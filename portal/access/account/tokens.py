"""The tokens of one's programs: made and shown once, and revoked."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import get_current_timezone, localdate
from django.views import View
from django.views.generic import FormView

from portal.access.factors import Factor
from portal.access.requests import person_of
from portal.access.second_factor.actions import second_factor_of
from portal.access.step_up import require_proof
from portal.access.tokens import Scope, make_token, revoke_token
from portal.lib.errors import PortalError

USUAL = timedelta(days=90)
MAY = [
    (Scope.READ, "read what you may read"),
    (Scope.REQUEST, "ask for work, edit, submit and withdraw requests"),
]


class TokenForm(forms.Form):
    """What the token is for, what it may do, until when."""

    name = forms.CharField(max_length=60, help_text="The program that will use it, and where it runs.")
    scopes = forms.TypedMultipleChoiceField(
        choices=[(scope.value, f"{scope.value}: {words}") for scope, words in MAY],
        coerce=Scope,
        widget=forms.CheckboxSelectMultiple,
        label="It may",
        help_text="Never more than you may yourself. Nothing lets it approve or decide.",
    )
    until = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}),
        label="Its last day",
        help_text="At most a year away.",
    )

    def ends(self) -> datetime:
        """The end of the last day."""
        return datetime.combine(self.cleaned_data["until"], time.max, get_current_timezone())


class MakeTokenView(FormView[TokenForm]):
    """Make a token."""

    template_name = "access/make_token.html"
    form_class = TokenForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only with a fresh proof, of the second factor where there is one. Raises StepUpNeeded."""
        has_second = second_factor_of(person_of(request)) is not None
        require_proof(request, Factor.SECOND_FACTOR if has_second else Factor.PASSWORD)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Reading, for three months."""
        return {"scopes": [Scope.READ], "until": localdate() + USUAL}

    def form_valid(self, form: TokenForm) -> HttpResponse:
        """Make it, and show its text for this once."""
        values = form.cleaned_data
        try:
            token, text = make_token(person_of(self.request), values["name"], values["scopes"], form.ends())
        except PortalError as refused:
            form.add_error(None, f"{refused.message} {refused.remedy}".strip())
            return self.form_invalid(form)
        return render(self.request, "access/token.html", {"token": token, "text": text})


class RevokeTokenView(View):
    """Revoke a token."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Revoke it and go back to the account. Raises Conflict."""
        token = revoke_token(person_of(request), pk)
        messages.success(request, f"The token “{token.name}” is revoked.")
        return redirect("account")
