"""Whether the portal can do its work, for load balancers and monitoring."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

_more: dict[str, Callable[[], bool]] = {}
_beside: set[str] = set()


def register(name: str, check: Callable[[], bool], *, vital: bool = True) -> None:
    """Let a room add its own check; `check` may use the database, which has answered before.

    One that is not vital is told, and leaves the status as it is: the portal does its work without it.
    """
    _more[name] = check
    if not vital:
        _beside.add(name)


@login_not_required
def healthz(_request: HttpRequest) -> JsonResponse:
    """One word for each part; status 503 when one of them fails. Says nothing that is secret."""
    parts = {"database": _database_answers(), "broker": _broker_answers()}
    parts |= {name: parts["database"] and check() for name, check in _more.items()}
    words = {name: "ok" if works else "failed" for name, works in parts.items()}
    works = all(well for name, well in parts.items() if name not in _beside)
    return JsonResponse(words, status=200 if works else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
    except DatabaseError:
        return False


def _broker_answers() -> bool:
    if not settings.REDIS_URL:
        return True
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
