"""What the web server does with requests that no browser of the portal sends."""

import asyncio
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from portal.asgi import application
from portal.web.body_limit import BodyLimit
from tests.serving import serve

pytestmark = pytest.mark.django_db


async def ask(app: Any, pieces: list[bytes], **headers: str) -> list[Mapping[str, Any]]:
    """The events that the application answers a body in pieces with."""
    sent: list[Mapping[str, Any]] = []
    waiting = list(pieces)

    async def receive() -> Mapping[str, Any]:
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(event: Mapping[str, Any]) -> None:
        sent.append(event)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": named}
    await app(scope, receive, send)
    return sent


async def echo(scope: Any, receive: Any, send: Any) -> None:
    size = 0
    while True:
        event = await receive()
        size += len(event["body"])
        if not event["more_body"]:
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


@pytest.mark.threat("T28", "T29")
@pytest.mark.asvs("5.2.1")
@pytest.mark.parametrize(
    ("pieces", "headers", "status"),
    [
        ([b"a" * 10], {}, 200),
        ([b"a" * 5, b"a" * 5], {"content_length": "10"}, 200),
        ([b"a" * 5, b"a" * 5, b"a"], {}, 413),
        ([b""], {"content_length": "11"}, 413),
        ([b""], {"content_length": "9" * 400}, 413),
        ([b"a" * 11], {"content_length": "1"}, 413),
    ],
)
def test_a_body_beyond_the_limit_is_refused_as_it_comes(
    pieces: list[bytes], headers: dict[str, str], status: int
) -> None:
    answer = asyncio.run(ask(BodyLimit(echo, 10), pieces, **headers))
    assert answer[0]["status"] == status


@pytest.mark.asvs("4.2.1")
def test_a_request_with_two_ends_is_refused_and_the_connection_with_it() -> None:
    rest = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    both = b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % len(rest)
    with (
        serve() as (address, _server),
        socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=10) as connection,
    ):
        connection.sendall(b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\n" + both + b"\r\n" + rest)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.threat("T29")
@pytest.mark.asvs("5.2.1")
def test_the_portal_refuses_a_large_body_before_anything_is_kept() -> None:
    answer = asyncio.run(ask(application, [b""], content_length=str(64 * 1024 * 1024)))
    assert [event.get("status") for event in answer] == [413, None]


@pytest.mark.threat("T28")
@pytest.mark.parametrize(
    "path",
    [
        "/runs/1/commands/" + "9" * 4500 + "/stdout/",
        "/runs/" + "9" * 4500 + "/",
        "/runs/1/commands/\u0661/stdout/",
        "/runs/1/commands/1/stdin/",
        "/requests/" + "9" * 30 + "/",
    ],
)
def test_addresses_that_nothing_has_are_not_found(client: Client, django_user_model: Any, path: str) -> None:
    client.force_login(django_user_model.objects.create_user("ana"))
    client.raise_request_exception = False
    assert client.get(path).status_code == 404
