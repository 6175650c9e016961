"""Signing in and out, and confirming that one is still oneself."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView, RedirectURLMixin
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.generic import FormView

from portal.access.factors import Factor
from portal.access.forms import FORM_FOR, CodeForm
from portal.access.half_signed_in import hold, person_held, release
from portal.access.models import User
from portal.access.requests import person_of
from portal.access.second_factor.actions import second_factor_of, take_code
from portal.access.step_up import keep_signed_in_with, prove
from portal.lib.errors import Invalid, PortalError


class SignIn(LoginView):
    """Asks for name and password, then for the code of who has a second factor."""

    template_name = "access/sign_in.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, or go on to the code."""
        person = form.get_user()
        assert isinstance(person, User)
        if second_factor_of(person) is None:
            answer = super().form_valid(form)
            keep_signed_in_with(self.request, Factor.PASSWORD)
            return answer
        hold(self.request, person)
        onward = urlencode({self.redirect_field_name: self.get_redirect_url()})
        return redirect(f"{reverse('sign-in-code')}?{onward}")


@method_decorator(login_not_required, name="dispatch")
class SignInCode(RedirectURLMixin, FormView[CodeForm]):
    """Asks for the code of somebody whose password was right a moment ago."""

    template_name = "access/sign_in_code.html"
    form_class = CodeForm
    next_page = settings.LOGIN_REDIRECT_URL

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only after the password."""
        if person_held(request) is None:
            return redirect("sign-in")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        """Sign in; what is wrong with the code is said on the form."""
        person = person_held(self.request)
        assert person is not None
        try:
            take_code(person, form.cleaned_data["code"])
        except PortalError as refused:
            form.add_error("code", f"{refused.message} {refused.remedy}")
            return self.form_invalid(form)
        login(self.request, person, release(self.request))
        keep_signed_in_with(self.request, Factor.SECOND_FACTOR)
        return redirect(self.get_success_url())


class SignOut(LogoutView):
    """Ends the session; by POST only."""

    http_method_names = ["post", "options"]


class ConfirmView(RedirectURLMixin, FormView[Form]):
    """Asks a signed-in person for password or code once more, and leads back to where they were."""

    template_name = "access/confirm.html"
    next_page = settings.LOGIN_REDIRECT_URL

    def get_form_class(self) -> type[Form]:
        """For what is wanted."""
        return FORM_FOR[self._wanted()]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`wanted`, `onward` (where it leads back to), `possible`: whether the person can give it at all."""
        wanted = self._wanted()
        possible = wanted is Factor.PASSWORD or second_factor_of(person_of(self.request)) is not None
        return super().get_context_data(
            wanted=wanted, onward=self.get_success_url(), possible=possible, **kwargs
        )

    def form_valid(self, form: Form) -> HttpResponse:
        """Keep the proof, under a new session id, and go back."""
        try:
            self._check(form)
        except PortalError as refused:
            form.add_error(None, f"{refused.message} {refused.remedy}")
            return self.form_invalid(form)
        self.request.session.cycle_key()
        prove(self.request, self._wanted(), self.request.GET.get("action", ""))
        messages.info(self.request, "Confirmed that it is you. Now do again what you wanted to do.")
        return redirect(self.get_success_url())

    def _wanted(self) -> Factor:
        second = self.request.GET.get("wanted") == Factor.SECOND_FACTOR
        return Factor.SECOND_FACTOR if second else Factor.PASSWORD

    def _check(self, form: Form) -> None:
        person = person_of(self.request)
        if self._wanted() is Factor.SECOND_FACTOR:
            take_code(person, form.cleaned_data["code"])
            return
        known = authenticate(
            self.request, username=person.get_username(), password=form.cleaned_data["password"]
        )
        if known is None or known.pk != person.pk:
            raise Invalid("The password is wrong.", remedy="Type it again.", code="wrong_password")


def locked_out(request: HttpRequest, *_credentials: object) -> HttpResponse:
    """The answer to more sign-ins after too many failed ones: when to try again, whom to ask."""
    wait = timedelta(hours=settings.AXES_COOLOFF_TIME)
    response = render(request, "access/locked_out.html", {"wait": wait}, status=429)
    response["Retry-After"] = str(int(wait.total_seconds()))
    return response
