"""Signing in and out."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class SignIn(LoginView):
    """Asks for name and password; whoever is signed in already goes on."""

    template_name = "access/sign_in.html"
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """Ends the session; by POST only."""

    http_method_names = ["post", "options"]


def locked_out(request: HttpRequest, *_credentials: object) -> HttpResponse:
    """The answer to more sign-ins after too many failed ones: when to try again, whom to ask."""
    wait = timedelta(hours=settings.AXES_COOLOFF_TIME)
    response = render(request, "access/locked_out.html", {"wait": wait}, status=429)
    response["Retry-After"] = str(int(wait.total_seconds()))
    return response
