"""Tells the ledger through which channel an entry comes in: a page or the API, and from which address."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from portal.access.auditing.denials import enter_denial
from portal.audit.channel import API, PAGE, Channel, new_action, through


class ChannelMiddleware:
    """Everything that is entered while one HTTP request is answered is one act."""

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
        channel = _channel(request)
        with through(channel):
            response = self.get_response(request)
            enter_denial(request, response, channel.action)
            return response

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        waiting: Awaitable[HttpResponseBase] = self.get_response(request)  # type: ignore[assignment]  # async side
        channel = _channel(request)
        with through(channel):
            response = await waiting
            if response.status_code == 403:
                await sync_to_async(enter_denial)(request, response, channel.action)
            return response


def _channel(request: HttpRequest) -> Channel:
    name = API if request.path_info.startswith("/api/") else PAGE
    return Channel(name, new_action(), _address(request.META.get("REMOTE_ADDR", "")))


def _address(text: str) -> str:
    """The peer's address, which the server has taken from a trusted proxy only; empty for none."""
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
