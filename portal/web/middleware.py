"""What holds for every page: refusals become pages, and nothing private stays in a cache."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from portal.lib.errors import PortalError
from portal.lib.text import visible
from portal.web.errors import error_response

_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class PageMiddleware:
    """Shows a PortalError as a page, control characters as such, sends fragments to sign-in whole.

    Answers are marked as not to be stored.
    """

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
        return _finish(request, self.get_response(request))

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        waiting: Awaitable[HttpResponseBase] = self.get_response(request)  # type: ignore[assignment]  # async side
        return _finish(request, await waiting)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of a refusal; other exceptions go on to Django."""
        return error_response(request, exception) if isinstance(exception, PortalError) else None


def _show_hidden(response: HttpResponse) -> None:
    """Show the control and direction characters of a page, whoever brought them in (threat T10)."""
    text = response.content.decode()
    shown = visible(text)
    if shown != text:
        response.content = shown.encode()


def _finish(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, HttpResponse) and response.get("Content-Type", "").startswith("text/html"):
        _show_hidden(response)
    response.setdefault("Cache-Control", "no-store")
    response.setdefault("Permissions-Policy", _PERMISSIONS)
    location = response.get("Location", "")
    if request.headers.get("HX-Request") and location.startswith(resolve_url(settings.LOGIN_URL) + "?"):
        here = request.headers.get("HX-Current-URL", "/")
        if not url_has_allowed_host_and_scheme(here, {request.get_host()}):
            here = "/"
        signed_out = HttpResponse(status=204)
        signed_out["HX-Redirect"] = here  # the page itself, which then leads to signing in and back
        return signed_out
    return response
