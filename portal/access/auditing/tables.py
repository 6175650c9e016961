"""The ledger's list."""

from typing import Any

import django_tables2 as tables

from portal.audit.models import Intake
from portal.audit.queries import document, seq_of
from portal.web.tables import MONO, PortalTable, StateColumn, WhenColumn


def words_of(mapping: dict[str, Any], most: int = 140) -> str:
    """A mapping in a line, for reading: digests shortened, lists and mappings counted."""
    text = " · ".join(
        f"{name} {_short(value)}" for name, value in mapping.items() if value not in ("", [], None)
    )
    return text if len(text) <= most else text[: most - 1] + "…"


def _short(value: Any) -> str:
    if isinstance(value, list | dict):
        return f"({len(value)})"
    text = str(value)
    return text[:19] + "…" if text.startswith("sha256:") else text


def actor_words(entry: Any) -> str:
    """Who entered it, for reading; `entry` comes from `people.with_names`."""
    if entry.actor_kind == "portal":
        return "the portal"
    return str(entry.actor_name or f"{entry.actor_kind} {entry.actor_id}")


class EntryTable(PortalTable):
    """Entries, newest first."""

    caption = "Ledger entries"
    entry = tables.Column(
        accessor="pk", verbose_name="Entry", orderable=False, linkify=("audit-entry", [tables.A("pk")])
    )
    at = WhenColumn(short=True, verbose_name="When", orderable=False)
    event = tables.Column(attrs=MONO, orderable=False)
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
        entry = document(record)
        return words_of({**_without_run(entry.get("sub", {})), **entry.get("d", {})})

    def value_about(self, record: Intake) -> str:
        """The whole entry."""
        return bytes(record.content).decode(errors="replace")


def _without_run(subject: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in subject.items() if name not in ("run", "epoch")}
