"""Ending one's own sessions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views import View

from portal.access.requests import person_of
from portal.access.sessions import end_session, end_sessions
from portal.audit.actor import Actor


class EndSessionView(View):
    """End one session."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        """End it and go back to the account. Raises Conflict."""
        end_session(person_of(request), name)
        messages.success(request, "The session is ended.")
        return redirect("account")


class EndOthersView(View):
    """Sign out everywhere else."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """End all but this session and go back to the account."""
        person = person_of(request)
        ended = end_sessions(person, by=Actor.person(person.public_id), but=request.session.session_key)
        messages.success(request, f"Signed out everywhere else: {ended} sessions ended.")
        return redirect("account")
