"""Compares names, erasures and legal holds of people with what was entered of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.access.models import Erasure, LegalHold, User
from portal.access.personal.commitment import commitment_of
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values

CONFIRMED = "confirmed"


class Names(RowComparison[str]):
    """Name and mail against the commitment that was entered last; whom no entry commits to fits."""

    events = frozenset({Event.USER_CHANGE, Event.USER_ERASE})

    def see(self, seq: int | None, document: Mapping[str, Any]) -> None:
        """Other changes of a person say nothing of it."""
        if "commitment" in document["d"] or document["d"]["what"] == CONFIRMED:
            super().see(seq, document)

    def said(self, document: Mapping[str, Any]) -> tuple[str, Values]:
        """By the pseudonym; an erased person has no commitment."""
        return document["sub"]["user"], (document["d"].get("commitment", ""),)

    def rows(self) -> Iterator[tuple[str, Values]]:
        """Everybody."""
        for person in User.objects.order_by("pk").iterator():
            yield person.public_id, (commitment_of(person),)

    def name(self, key: str) -> str:
        """The name of u_7f3a."""
        return f"Name and mail of {key}"

    def _fits(self, key: str) -> bool:
        return (key not in self._said and key in self._rows) or super()._fits(key)


class Erasures(RowComparison[int]):
    """Who asked for, took back or confirmed an erasure, and why."""

    events = frozenset({Event.USER_ERASE})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the row's id."""
        data = document["d"]
        person, by = document["sub"]["user"], document["actor"]["id"]
        return data["erasure"], (person, data["reason"], data["what"], by)

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every erasure with who acted last."""
        people = ("person", "asked_by", "confirmed_by", "withdrawn_by")
        for row in Erasure.objects.select_related(*people).order_by("pk"):
            by, what = row.asked_by, "asked"
            if row.confirmed_by:
                by, what = row.confirmed_by, CONFIRMED
            elif row.withdrawn_by:
                by, what = row.withdrawn_by, "withdrawn"
            yield row.pk, (row.person.public_id, row.reason, what, by.public_id)

    def name(self, key: int) -> str:
        """Erasure 7."""
        return f"Erasure {key}"


class LegalHolds(RowComparison[int]):
    """Who set a legal hold, asked for its end or ended it, and why."""

    events = frozenset({Event.USER_HOLD})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the row's id."""
        data = document["d"]
        person, by = document["sub"]["user"], document["actor"]["id"]
        return data["hold"], (person, data["reason"], data["what"], by)

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every legal hold with who acted last."""
        people = ("person", "set_by", "end_asked_by", "ended_by")
        for row in LegalHold.objects.select_related(*people).order_by("pk"):
            by, what = row.set_by, "set"
            if row.ended_by:
                by, what = row.ended_by, "ended"
            elif row.end_asked_by:
                by, what = row.end_asked_by, "end_asked"
            yield row.pk, (row.person.public_id, row.reason, what, by.public_id)

    def name(self, key: int) -> str:
        """Legal hold 7."""
        return f"Legal hold {key}"
