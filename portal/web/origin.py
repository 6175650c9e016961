"""Where a request comes from, as browsers say it: of another site a plain link alone (threats T17, T36).

Browsers tell with each request whether a page of another site caused it, and to what end (Fetch Metadata,
`Sec-Fetch-*`; a script of a page cannot set these). Programs say nothing of it and carry a token of their
own, so a missing header passes; forms have their token besides.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from portal.lib.errors import NotAllowed
from portal.web.errors import error_response

OWN = frozenset({"", "same-origin", "none"})
"""`Sec-Fetch-Site` of the portal's own pages, and of what a person typed or bookmarked."""
SAFE = frozenset({"GET", "HEAD"})


class FromAnotherSite(NotAllowed):
    """A page of another site caused the request, and it is more than a link to a page."""

    code = "from_another_site"

    def __init__(self) -> None:
        super().__init__(
            "This request was made by a page of another site, and nothing was done.",
            remedy="Open the portal itself and do it there.",
        )


class OriginMiddleware:
    """Refuses what pages of other sites cause, but for following a link to a page."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: object, *_arguments: Any) -> HttpResponse | None:
        """A page that refuses, or nothing."""
        if is_own(request) or is_link(request):
            return None
        return error_response(request, FromAnotherSite())


def is_own(request: HttpRequest) -> bool:
    """Whether a page of the portal, a person or a program made the request, as far as it says."""
    return request.headers.get("Sec-Fetch-Site", "") in OWN and _origin_fits(request)


def is_link(request: HttpRequest) -> bool:
    """Whether a browser follows a link to a page, which it shows as such: reading one changes nothing."""
    headers = request.headers
    shown = headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"
    return request.method in SAFE and shown


def _origin_fits(request: HttpRequest) -> bool:
    """Whether `Origin`, where it is told, is the portal's: browsers send it where a page's script asks."""
    origin = request.headers.get("Origin", "")
    if not origin or origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    return urlsplit(origin).netloc == request.get_host()
