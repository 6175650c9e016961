"""Refuses request bodies that are larger than any page needs, or whose end can be read in two ways."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Event = Mapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

TOO_LARGE = (413, b"The request is larger than this portal takes.\n")
TWO_ENDS = (400, b"A request says its length or comes in chunks, never both.\n")
"""Status and text of a refusal."""


class _TooLarge(Exception):
    """More came than may."""


class BodyLimit:
    """An ASGI application that answers 413 for a body of more than `limit` bytes, said or sent.

    A body with a length and in chunks too is answered with 400, and the connection ends: where a proxy goes
    by the one and the server by the other, the rest of it becomes somebody else's request (RFC 9112, 6.1).
    """

    def __init__(self, application: Application, limit: int) -> None:
        self.application = application
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
        elif {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope["headers"]}:
            await _refuse(send, TWO_ENDS)
        elif _announced(scope) > self.limit:
            await _refuse(send, TOO_LARGE)
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
            await _refuse(send, TOO_LARGE)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


async def _refuse(send: Send, why: tuple[int, bytes]) -> None:
    status, text = why
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
