"""What holds for every page that asks who may do what."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from portal.access.held import read_once

SAFE = frozenset({"GET", "HEAD"})


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
