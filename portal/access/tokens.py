"""Make, know and revoke the tokens by which programs act for a person."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from portal.access.models import ApiToken, User
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.canonical import canonical_json
from portal.lib.clock import now, rfc3339
from portal.lib.errors import Conflict, Invalid

MAC_SALT = "portal.access.api-token"
MOST = 20
"""Tokens that one person may have at a time."""
LONGEST = timedelta(days=366)
USED_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token lets a program do. None lets it decide: approvals are given by people."""

    READ = "read"
    REQUEST = "request"


def make_token(
    person: User, name: str, scopes: Collection[Scope], expires_at: datetime
) -> tuple[ApiToken, str]:
    """A token for one's own programs, and its text, which is kept nowhere. Raises Invalid, Conflict."""
    name = " ".join(name.split())
    if not name or len(name) > 60 or not name.isprintable():
        raise Invalid("A token's name has 1 to 60 characters that can be printed.", code="name_not_possible")
    if not scopes:
        raise Invalid(
            "A token without a scope may do nothing.", remedy="Choose what it may do.", code="scope_missing"
        )
    if not now() < expires_at <= now() + LONGEST:
        raise Invalid(
            "A token ends in the future, and within a year.",
            remedy="Choose another day.",
            code="date_not_possible",
        )
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    token = ApiToken(
        owner=person,
        name=name,
        prefix=prefix,
        scopes=sorted(scopes),
        expires_at=expires_at.replace(microsecond=0),
    )
    token.mac = _mac(token, secret)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        if tokens_of(person).count() >= MOST:
            raise Conflict(
                f"You have {MOST} tokens already.", remedy="Revoke one that you do not use.", code="too_many"
            )
        token.save()
        _enter(Event.TOKEN_CREATE, token, person)
    return token, f"lu_{prefix}_{secret}"


def revoke_token(person: User, token_id: int) -> ApiToken:
    """End a token of one's own at once. Raises Conflict where there is none that still counts."""
    with transaction.atomic():
        token = tokens_of(person).select_for_update().filter(pk=token_id).first()
        if token is None:
            raise Conflict("You have no such token, or it is over already.", code="unknown_name")
        token.revoked_at = now()
        token.save(update_fields=["revoked_at"])
        _enter(Event.TOKEN_REVOKE, token, person)
    return token


def tokens_of(person: User) -> QuerySet[ApiToken]:
    """A person's tokens that still count."""
    return ApiToken.objects.filter(owner=person, revoked_at=None, expires_at__gt=now())


def token_behind(text: str) -> ApiToken | None:
    """The token whose text this is, while it counts and its owner is active; else None."""
    kind, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    rows = ApiToken.objects.select_related("owner").filter(
        prefix=prefix, revoked_at=None, expires_at__gt=now()
    )
    token = rows.filter(owner__is_active=True).first() if kind == "lu" else None
    if token is None or not constant_time_compare(token.mac, _mac(token, secret)):
        return None
    if token.used_at is None or now() - token.used_at > USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now())
    return token


def terms_of(token: ApiToken) -> list[str]:
    """What a token is worth: whose it is, what it may do, until when."""
    return [token.owner.public_id, " ".join(token.scopes), rfc3339(token.expires_at)]


def _mac(token: ApiToken, secret: str) -> str:
    content = canonical_json([secret, token.prefix, *terms_of(token)])
    return salted_hmac(MAC_SALT, content, algorithm="sha256").hexdigest()


def _enter(event: Event, token: ApiToken, person: User) -> None:
    owner, scopes, expires_at = terms_of(token)
    data = {"token": token.pk, "prefix": token.prefix, "scopes": scopes, "expires_at": expires_at}
    record(event, Actor.person(person.public_id), {"user": owner}, data)
