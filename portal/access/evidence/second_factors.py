"""Compares people's second factors and used recovery codes with what was entered of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.access.evidence.owned import OwnedRows
from portal.access.models import RecoveryCode, SecondFactor
from portal.access.second_factor.actions import sealed_digest
from portal.audit.events import Event
from portal.audit.verification.comparisons import Values


class SecondFactors(OwnedRows):
    """A second factor that was confirmed: whose it is, its sealed secret, and whether it still counts."""

    events = frozenset({Event.MFA_ENROL, Event.MFA_REMOVE, Event.USER_ERASE})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the row's id."""
        data = document["d"]
        counts = document["t"] == Event.MFA_ENROL
        return data["factor"], (document["sub"]["user"], data["sealed_digest"], counts)

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every second factor that counted at some time."""
        confirmed = SecondFactor.objects.exclude(confirmed_at=None).select_related("user").order_by("pk")
        for row in confirmed.iterator():
            yield row.pk, (row.user.public_id, sealed_digest(row), row.removed_at is None)

    def name(self, key: int) -> str:
        """Second factor 7."""
        return f"Second factor {key}"


class UsedRecoveryCodes(OwnedRows):
    """A recovery code that was used stays used, against `mfa.ok`."""

    events = frozenset({Event.MFA_OK, Event.USER_ERASE})

    def see(self, seq: int | None, document: Mapping[str, Any]) -> None:
        """Codes of an app have no row."""
        if document["t"] != Event.MFA_OK or "code" in document["d"]:
            super().see(seq, document)

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the code's id."""
        return document["d"]["code"], (document["d"]["factor"],)

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every code that was used."""
        used = RecoveryCode.objects.exclude(used_at=None).order_by("pk")
        yield from ((pk, (factor,)) for pk, factor in used.values_list("pk", "factor"))

    def name(self, key: int) -> str:
        """Recovery code 7."""
        return f"Recovery code {key}"
