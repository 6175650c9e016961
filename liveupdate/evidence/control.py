"""Compares policies, delegations, standard changes and emergencies with what was entered of them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from liveupdate.actions.delegations import given
from liveupdate.actions.policy_versions import entered
from liveupdate.models import Delegation, Emergency, PolicyVersion, StandardChange
from portal.access.models import User
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values
from portal.lib.canonical import digest
from portal.lib.clock import rfc3339

WRITTEN = ("policy", "version", "reason", "active_from")
DELEGATED = ("giver", "taker", "starts_at", "ends_at", "risk", "environments", "reason")
OPENED = ("incident", "reason", "due_on", "opened_at")
REVIEWED = ("findings", "closed_at")


class PolicyVersions(RowComparison[int]):
    """A version of the approval policy against `policy.write`."""

    events = frozenset({Event.POLICY_WRITE})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the version's number."""
        data = document["d"]
        told = (document["actor"]["id"], *(data[name] for name in WRITTEN))
        return data["version"], (data["policy"], *told)

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every version, with the digest of its text as it is."""
        for row in PolicyVersion.objects.select_related("author").order_by("pk"):
            told = (row.author.public_id, *entered(row).values())
            yield row.pk, (digest(row.document.encode()), *told)

    def name(self, key: int) -> str:
        """Policy version 7."""
        return f"Policy version {key}"


class InStages(RowComparison[int]):
    """Rows that further entries complete: each adds to what those before it said."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[int, dict[str, Any]] = {}

    def told(self, key: int, more: Mapping[str, Any]) -> dict[str, Any]:
        """All that the entries said of a row, now that there is `more`."""
        self._told[key] = {**self._told.get(key, {}), **more}
        return self._told[key]


class Delegations(InStages):
    """Who decides for whom, until when and how far, and who ended it when."""

    events = frozenset({Event.DELEGATION_GIVE, Event.DELEGATION_END})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the delegation's id."""
        data, key = document["d"], document["d"]["delegation"]
        ended = {"ended_by": document["actor"]["id"]} if document["t"] == Event.DELEGATION_END else {}
        told = self.told(key, {**data, **ended})
        return key, (*(told.get(name) for name in DELEGATED), told.get("ended_at"), told.get("ended_by"))

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every delegation."""
        for row in Delegation.objects.select_related("giver", "taker", "ended_by").order_by("pk"):
            told = given(row)
            yield row.pk, (*(told[name] for name in DELEGATED), _time(row.ended_at), _who(row.ended_by))

    def name(self, key: int) -> str:
        """Delegation 7."""
        return f"Delegation {key}"


class StandardChanges(InStages):
    """What a standard change asks for, who wrote it, who approved it, and who ended it."""

    events = frozenset({Event.TEMPLATE_WRITE, Event.TEMPLATE_APPROVE, Event.TEMPLATE_END})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the template's id."""
        data, key = document["d"], document["d"]["row"]
        told = self.told(key, {document["t"]: document["actor"]["id"]})
        people = (told.get(event) for event in (*TEMPLATE_STAGES, *TEMPLATE_STAGES[1:]))
        return key, (document["sub"]["team"], data["template"], data["template"], data["title"], *people)

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every template, with the digest of its text as it is; a time without a person is no fit."""
        related = ("team", "written_by", "approved_by", "ended_by")
        for row in StandardChange.objects.select_related(*related).order_by("pk"):
            approver, ender = _who(row.approved_by), _who(row.ended_by)
            people = (_who(row.written_by), approver, ender)
            twice = (approver if row.approved_at else None, ender if row.ended_at else None)
            texts = (row.team.slug, digest(row.document.encode()), row.digest, row.title)
            yield row.pk, (*texts, *people, *twice)

    def name(self, key: int) -> str:
        """Standard change 7."""
        return f"Standard change {key}"


TEMPLATE_STAGES = (Event.TEMPLATE_WRITE, Event.TEMPLATE_APPROVE, Event.TEMPLATE_END)


class Emergencies(InStages):
    """Who opened an emergency for which request and why, by when it is due, who closed it with what."""

    events = frozenset({Event.BREAKGLASS_OPEN, Event.BREAKGLASS_REVIEW})

    def said(self, document: Mapping[str, Any]) -> tuple[int, Values]:
        """By the emergency's id."""
        data, key = document["d"], document["d"]["emergency"]
        told = self.told(key, {**data, document["t"]: document["actor"]["id"]})
        people = (told.get(event) for event in (Event.BREAKGLASS_OPEN, Event.BREAKGLASS_REVIEW))
        rest = (told.get(name) for name in (*OPENED, *REVIEWED))
        return key, (document["sub"]["request"], *people, *rest)

    def rows(self) -> Iterator[tuple[int, Values]]:
        """Every emergency."""
        for row in Emergency.objects.select_related("request", "opened_by", "closed_by").order_by("pk"):
            people = (_who(row.opened_by), _who(row.closed_by))
            opened = (row.incident, row.reason, row.due_on.isoformat(), _time(row.opened_at))
            yield row.pk, (row.request.number, *people, *opened, row.findings or None, _time(row.closed_at))

    def name(self, key: int) -> str:
        """Emergency 7."""
        return f"Emergency {key}"


def _who(person: User | None) -> str | None:
    return person.public_id if person else None


def _time(at: datetime | None) -> str | None:
    return rfc3339(at) if at else None
