"""Compares tokens with what was entered when they were made and revoked."""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.access.evidence.owned import OwnedRows
from portal.access.models import ApiToken
from portal.access.tokens import terms_of
from portal.audit.events import Event
from portal.audit.verification.comparisons import Values


class Tokens(OwnedRows):
    """A token: whose it is, what it may do, until when, and whether it was revoked."""

    events = frozenset({Event.TOKEN_CREATE, Event.TOKEN_REVOKE, Event.USER_ERASE})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the token's id."""
        data = document["d"]
        terms = (document["sub"]["user"], data["scopes"], data["expires_at"])
        return data["token"], (data["prefix"], *terms, document["t"] == Event.TOKEN_REVOKE)

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every token there ever was."""
        for row in ApiToken.objects.select_related("owner").order_by("pk").iterator():
            yield row.pk, (row.prefix, *terms_of(row), row.revoked_at is not None)

    def name(self, key: int) -> str:
        """Token 7."""
        return f"Token {key}"
