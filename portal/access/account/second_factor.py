"""Setting one's second factor up, and letting go of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views import View
from django.views.generic import FormView

from portal.access.factors import Factor
from portal.access.forms import CodeForm
from portal.access.requests import person_of
from portal.access.second_factor.actions import (
    begin_enrolment,
    confirm_enrolment,
    remove_second_factor,
    renew_recovery_codes,
    secret_to_enrol,
)
from portal.access.second_factor.codes import qr_image, setup_address
from portal.access.step_up import keep_signed_in_with, require_proof
from portal.lib.errors import Invalid


class BeginView(View):
    """Draw a secret for the app."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin, and go to where the secret is shown. Raises StepUpNeeded, Conflict."""
        require_proof(request, Factor.PASSWORD)
        begin_enrolment(person_of(request))
        return redirect("enrol")


class EnrolView(FormView[CodeForm]):
    """Shows the secret as a QR code, and takes the first code of the app."""

    template_name = "access/enrol.html"
    form_class = CodeForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only while a secret waits for its first code. Raises StepUpNeeded."""
        self.secret = secret_to_enrol(person_of(request))
        if self.secret is None:
            return redirect("account")
        require_proof(request, Factor.PASSWORD)
        return super().dispatch(request, *args, **kwargs)

    def get_form(self, form_class: type[CodeForm] | None = None) -> CodeForm:
        """Without a word of recovery codes: there are none yet."""
        form = super().get_form(form_class)
        form.fields["code"].help_text = "The six digits that the app shows now."
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`image` and `typed`: the secret as a QR code, and to type it."""
        assert self.secret is not None
        address = setup_address(self.secret, person_of(self.request).get_username())
        typed = " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))
        return super().get_context_data(image=qr_image(address), typed=typed, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        """Let it count, under a new session id, and show the recovery codes."""
        try:
            codes = confirm_enrolment(person_of(self.request), form.cleaned_data["code"])
        except Invalid as refused:
            form.add_error("code", f"{refused.message} {refused.remedy}")
            return self.form_invalid(form)
        self.request.session.cycle_key()
        keep_signed_in_with(self.request, Factor.SECOND_FACTOR)
        return _show(self.request, codes)


class RecoveryCodesView(View):
    """New recovery codes in place of those that are left."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show them, for this once. Raises StepUpNeeded, Conflict."""
        require_proof(request, Factor.SECOND_FACTOR)
        return _show(request, renew_recovery_codes(person_of(request)))


class RemoveView(View):
    """Let go of one's second factor."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Remove it and go back to the account. Raises StepUpNeeded, Conflict."""
        require_proof(request, Factor.SECOND_FACTOR)
        person = person_of(request)
        remove_second_factor(person, by=person)
        keep_signed_in_with(request, Factor.PASSWORD)
        messages.success(request, "Your second factor is removed: the password alone signs you in.")
        return redirect("account")


def _show(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "access/recovery_codes.html", {"codes": codes})
