"""What holds for every page that asks who may do what."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from portal.access.held import read_once
from portal.access.sessions import SessionStore
from portal.access.step_up import SecondFactorMissing, StepUpNeeded, confirm_address, must_enrol
from portal.audit.hold import hold_problems
from portal.web.errors import error_response
from portal.web.problems import wants_problem

EVENTS = "text/event-stream"
SAFE = frozenset({"GET", "HEAD"})
WITHOUT_SECOND_FACTOR = frozenset(
    {"account", "begin-enrolment", "enrol", "confirm", "sign-in", "sign-in-code", "sign-out", "healthz"}
)
"""Names of the addresses that are open to who has yet to set up the second factor of their role."""
WHILE_HELD = frozenset({"sign-in", "sign-in-code", "sign-out", "confirm", "audit-verify"})
"""Names of the addresses that take forms while the portal only reads."""


class RightsMiddleware:
    """Reads memberships once for a page. Where something is changed, every question reads them anew."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._answer(request)
        if request.method not in SAFE:
            return self.get_response(request)
        with read_once():
            return self.get_response(request)

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        waiting: Awaitable[HttpResponseBase] = self.get_response(request)  # type: ignore[assignment]  # async side
        if request.method not in SAFE:
            return await waiting
        with read_once():
            return await waiting


class SessionRulesMiddleware:
    """What a session must have for a page: it is used, and leads to where a missing proof is given."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: object, *_arguments: Any) -> HttpResponseBase | None:
        """Keep that the session is used. Who must have a second factor sets it up before anything else."""
        if not _asked_by_itself(request):
            assert isinstance(request.session, SessionStore)
            request.session.use()
        name = request.resolver_match.url_name if request.resolver_match else None
        if request.method not in SAFE and name not in WHILE_HELD:
            for problem in hold_problems():
                return error_response(request, problem)
        if name in WITHOUT_SECOND_FACTOR or not must_enrol(request):
            return None
        if wants_problem(request):
            return error_response(request, SecondFactorMissing())
        return redirect("account")

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """To the page that asks for the proof, and from there back to where the person was."""
        if not isinstance(exception, StepUpNeeded) or wants_problem(request):
            return None
        return redirect(confirm_address(exception.wanted, exception.action, onward=_where(request)))


def _asked_by_itself(request: HttpRequest) -> bool:
    """Whether a page that lies open asks, without anybody doing anything: to follow what it shows."""
    reads = request.method in SAFE
    return reads and ("HX-Request" in request.headers or EVENTS in request.headers.get("Accept", ""))


def _where(request: HttpRequest) -> str:
    """The page that the person looks at: this one, or the one whose form they sent."""
    if request.method in SAFE:
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    page = urlunsplit(("", "", came_from.path, came_from.query, ""))
    return page if came_from.netloc == request.get_host() else "/"
