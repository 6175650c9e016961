"""Somebody whose password was right and whose code is still to come: signed in as nobody yet."""

from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from portal.access.models import User
from portal.lib.clock import now, rfc3339

HELD = "half_signed_in"
HELD_FOR = timedelta(minutes=5)


def hold(request: HttpRequest, person: User) -> None:
    """Remember whose password was right."""
    request.session[HELD] = {
        "user": person.pk,
        "backend": getattr(person, "backend", ""),
        "hash": person.get_session_auth_hash(),
        "at": rfc3339(now()),
    }


def person_held(request: HttpRequest) -> User | None:
    """Whose password was right within the last five minutes, and is still the same; None for nobody."""
    held = request.session.get(HELD)
    if held is None or now() - datetime.fromisoformat(held["at"]) > HELD_FOR:
        return None
    person = User.objects.filter(pk=held["user"], is_active=True).first()
    unchanged = person is not None and constant_time_compare(held["hash"], person.get_session_auth_hash())
    return person if unchanged else None


def release(request: HttpRequest) -> str:
    """Forget it; returns the authentication backend that took the password."""
    return str(request.session.pop(HELD)["backend"])
