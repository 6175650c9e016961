"""Refuses request bodies that are larger than any page needs, before they are kept anywhere."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Event = Mapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

TEXT = b"The request is larger than this portal takes.\n"


class _TooLarge(Exception):
    """More came than may."""


class BodyLimit:
    """An ASGI application that answers 413 for a body of more than `limit` bytes, said or sent."""

    def __init__(self, application: Application, limit: int) -> None:
        self.application = application
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
        elif _announced(scope) > self.limit:
            await _refuse(send)
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        left = self.limit

        async def counting() -> Event:
            nonlocal left
            event = await receive()
            if event["type"] == "http.request":
                left -= len(event.get("body", b""))
                if left < 0:
                    raise _TooLarge
            return event

        try:
            await self.application(scope, counting, send)
        except _TooLarge:
            await _refuse(send)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": TEXT})
