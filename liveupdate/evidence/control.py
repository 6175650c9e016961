"""Compares policies, delegations and standard changes with what was entered when they were written."""

from collections.abc import Iterator, Mapping
from typing import Any

from liveupdate.actions.delegations import given
from liveupdate.actions.policy_versions import entered
from liveupdate.models import Delegation, PolicyVersion, StandardChange
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values
from portal.lib.canonical import digest


class PolicyVersions(RowComparison[int]):
    """A version of the approval policy against `policy.write`."""

    events = frozenset({Event.POLICY_WRITE})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the version's number."""
        data = document["d"]
        names = ("policy", "version", "reason", "active_from")
        return data["version"], (data["policy"], *(data[name] for name in names))

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every version, with the digest of its text as it is."""
        for row in PolicyVersion.objects.order_by("pk"):
            yield row.pk, (digest(row.document.encode()), *entered(row).values())

    def name(self, key: int) -> str:
        """Policy version 7."""
        return f"Policy version {key}"


class Delegations(RowComparison[int]):
    """Who decides for whom, until when and how far, against `delegation.give`."""

    events = frozenset({Event.DELEGATION_GIVE})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the delegation's id."""
        data = document["d"]
        return data["delegation"], tuple(data[name] for name in DELEGATED)

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every delegation."""
        for row in Delegation.objects.select_related("giver", "taker").order_by("pk"):
            told = given(row)
            yield row.pk, tuple(told[name] for name in DELEGATED)

    def name(self, key: int) -> str:
        """Delegation 7."""
        return f"Delegation {key}"


class StandardChanges(RowComparison[int]):
    """What a standard change asks for, against `template.write`."""

    events = frozenset({Event.TEMPLATE_WRITE})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the template's id."""
        data, author = document["d"], document["actor"]["id"]
        return data["row"], (author, document["sub"]["team"], data["template"], data["title"])

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every template, with the digest of its text as it is."""
        for row in StandardChange.objects.select_related("team", "written_by").order_by("pk"):
            yield (
                row.pk,
                (
                    row.written_by.public_id,
                    row.team.slug,
                    digest(row.document.encode()),
                    row.title,
                ),
            )

    def name(self, key: int) -> str:
        """Standard change 7."""
        return f"Standard change {key}"


DELEGATED = ("giver", "taker", "starts_at", "ends_at", "risk", "environments", "reason")
