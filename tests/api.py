"""Programs and people that use the API, for tests."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from liveupdate.models import Request
from portal.access.models import User
from portal.access.tokens import Scope, make_token
from portal.lib.clock import now, rfc3339
from tests.fleet import MEDIA, TARGET

EVERY_SCOPE = (Scope.READ, Scope.REQUEST)


def token_of(person: User, *scopes: Scope) -> str:
    """The text of a fresh token; with every scope where none is named."""
    _, text = make_token(person, "test", scopes or EVERY_SCOPE, now() + timedelta(days=1))
    return text


def program(person: User, *scopes: Scope) -> Client:
    """A program of the person, by a token."""
    return Client(headers={"Authorization": f"Bearer {token_of(person, *scopes)}"})


def browser(person: User, **options: Any) -> Client:
    """The person in a session."""
    client = Client(**options)
    client.force_login(person)
    return client


def wished(**changes: Any) -> dict[str, Any]:
    """The body that asks for a Live Update."""
    return {
        "procedure": "local_live_update",
        "media": MEDIA,
        "target_level": TARGET,
        "reason": "Service pack of this quarter",
        "starts_at": rfc3339(now() - timedelta(minutes=1)),
        "ends_at": rfc3339(now() + timedelta(hours=4)),
        **changes,
    }


def send(client: Client, method: str, name: str, *arguments: object, body: Any = None, **headers: str) -> Any:
    """Send JSON to the address of this name; headers are named as in Python (`If_Match`)."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    address = reverse(name, args=arguments)
    return client.generic(method, address, _json(body), "application/json", headers=named)


def decision(request: Request, kind: str = "approve", **changes: Any) -> dict[str, Any]:
    """The body that decides on the plan that the request has now."""
    assert request.plan
    shown = {"plan_digest": request.plan.digest, "version": request.version}
    return {"decision": kind, **shown, "reason": "read", **changes}


def _json(body: Mapping[str, Any] | None) -> str:
    return json.dumps(body) if body is not None else ""
