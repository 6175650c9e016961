"""What the ledger says of signing in and out. It names people by pseudonym, and never what was typed."""

from collections.abc import Mapping
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from portal.access.models import User
from portal.access.sessions import begin
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record

NOBODY = "unknown"
"""Stands for a name that nobody has; people mistype, and type passwords into the wrong field."""


@receiver(user_logged_in)
def signed_in(sender: object, user: User, request: HttpRequest, **_more: Any) -> None:
    """Somebody signed in: their session begins."""
    begin(request)
    _enter(Event.AUTH_OK, Actor.person(user.public_id), user.public_id)


@receiver(user_logged_out)
def signed_out(sender: object, user: User | None, **_more: Any) -> None:
    """Somebody ended their session."""
    if user is not None:
        _enter(Event.AUTH_LOGOUT, Actor.person(user.public_id), user.public_id)


@receiver(user_login_failed)
def failed(
    sender: object, credentials: Mapping[str, Any], request: HttpRequest | None = None, **_more: Any
) -> None:
    """A sign-in failed. Attempts while locked out are not entered: anybody could fill the ledger."""
    if not getattr(request, "axes_locked_out", False):
        _enter(Event.AUTH_FAIL, Actor.portal(), _pseudonym(credentials.get("username")))


@receiver(user_locked_out)
def locked_out(sender: object, request: HttpRequest, username: str | None = None, **_more: Any) -> None:
    """Failed sign-ins reached the limit. The signal also comes for every attempt after that, uncounted."""
    if getattr(request, "axes_failures_since_start", None) is not None:
        _enter(Event.AUTH_LOCKOUT, Actor.portal(), _pseudonym(username))


def _enter(event: Event, actor: Actor, user: str) -> None:
    with transaction.atomic():
        record(event, actor, {"user": user}, {})


def _pseudonym(username: object) -> str:
    known = User.objects.filter(username=str(username)).values_list("public_id", flat=True).first()
    return known or NOBODY
