"""The ledger's list."""

import shlex
from collections.abc import Mapping
from typing import Any

import django_tables2 as tables

from portal.audit.models import Intake
from portal.audit.queries import document, seq_of
from portal.web.tables import PortalTable, StateColumn, WhenColumn


def words_of(document: Mapping[str, Any], most: int = 160) -> str:
    """An entry in a line, for reading: what it is about first, digests left to the entry's page."""
    subject, data = document.get("sub", {}), document.get("d", {})
    about = [str(subject[name]) for name in ABOUT if subject.get(name)]
    rest = {name: value for name, value in subject.items() if name not in (*ABOUT, *ELSEWHERE)}
    said = [f"{name} {word}" for name, value in {**rest, **data}.items() if (word := _word(name, value))]
    text = " · ".join([*about, *said])
    return text if len(text) <= most else text[: most - 1] + "…"


ABOUT = ("request", "lpar", "host", "step")
"""Members of a subject that name themselves."""
ELSEWHERE = ("run", "epoch", "plan")
"""Members of a subject that have a column of their own, or are for machines."""


def _word(name: str, value: Any) -> str:
    if name == "argv" and isinstance(value, list):
        return shlex.join(str(word) for word in value)
    if isinstance(value, dict):
        return f"{value['bytes']} bytes" if "bytes" in value else str(value.get("name", ""))
    if isinstance(value, list):
        return f"({len(value)})" if value else ""
    text = "" if value is None else str(value)
    return "" if "sha256:" in text[:7] or name == "wire" else text


def actor_words(entry: Any) -> str:
    """Who entered it, for reading; `entry` comes from `people.with_names`."""
    if entry.actor_kind == "portal":
        return "the portal"
    named = str(entry.actor_name or f"{entry.actor_kind} {entry.actor_id}")
    token = document(entry).get("via", {}).get("token")
    return f"{named} by token {token}" if token else named


class EntryTable(PortalTable):
    """Entries, newest first."""

    caption = "Ledger entries"
    entry = tables.Column(
        accessor="pk", verbose_name="Entry", orderable=False, linkify=("audit-entry", [tables.A("pk")])
    )
    at = WhenColumn(short=True, verbose_name="When", orderable=False)
    event = tables.Column(attrs={"td": {"class": "mono nowrap"}}, orderable=False)
    actor = tables.Column(accessor="actor_id", verbose_name="By", orderable=False)
    about = tables.Column(empty_values=(), orderable=False)
    run = tables.Column(orderable=False)
    state = StateColumn(orderable=False)

    def render_entry(self, record: Intake) -> str:
        """The place, or the row while it waits for one."""
        return self.value_entry(record)

    def value_entry(self, record: Intake) -> str:
        """The place in the ledger; empty while it waits."""
        seq = seq_of(record)
        return f"#{seq}" if seq is not None else "waiting"

    def render_actor(self, record: Any) -> str:
        """A person's name where it is known, else kind and name."""
        return actor_words(record)

    def value_actor(self, record: Intake) -> str:
        """The pseudonym, as the ledger holds it."""
        return f"{record.actor_kind}:{record.actor_id}"

    def render_about(self, record: Intake) -> str:
        """What it is about, in a line."""
        return words_of(document(record))

    def value_about(self, record: Intake) -> str:
        """The whole entry."""
        return bytes(record.content).decode(errors="replace")
