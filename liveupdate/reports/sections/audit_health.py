"""Section 12: how the ledger itself fared: alarms, verifications, what was pruned, restored, exported."""

from typing import Any

from liveupdate.reports.document import (
    Column,
    ColumnType,
    Evidence,
    EvidenceKind,
    Figure,
    Row,
    Section,
    Table,
)
from liveupdate.reports.source import Source
from portal.audit.signs import entries_about

TOLD = ("ledger.alarm", "ledger.verify", "ledger.prune", "ledger.restore", "ledger.rekey")
ROWS = (
    Column("at", "When", ColumnType.TIME),
    Column("what", "What"),
    Column("size", "Entries then", ColumnType.NUMBER),
    Column("said", "In words"),
)
TYPES = (Column("event", "Kind"), Column("entries", "Entries", ColumnType.NUMBER))


def section(source: Source) -> Section:
    """For the whole installation, whatever the filter."""
    found = entries_about(source.standing.size, source.period.begin, source.period.end, list(TOLD))
    kinds = [document["t"] for _, document in found]
    checks = [document for _, document in found if document["t"] == "ledger.verify"]
    bad = sum(not document["d"]["ok"] for document in checks)
    shown = tuple(_row(seq, document) for seq, document in found if _matters(document))
    by_type = source.by_type
    return Section(
        12,
        "audit_health",
        "Health of the ledger",
        "What was entered of the ledger itself in the period; of the whole site, whatever the filter.",
        figures=(
            Figure("ledger.entries", "Entries made in the period", sum(by_type.values())),
            Figure("ledger.alarms", "Alarms", kinds.count("ledger.alarm"), must_be=0),
            Figure("ledger.verified", "Verifications of the whole ledger", len(checks)),
            Figure("ledger.bad", "Of these that found something altered", bad, must_be=0),
            Figure("ledger.prunes", "Prunings", kinds.count("ledger.prune")),
            Figure("ledger.restores", "Restorations", kinds.count("ledger.restore")),
            Figure("ledger.rekeys", "New signing keys", kinds.count("ledger.rekey")),
            Figure("ledger.exports", "Exports", by_type.get("export.create", 0)),
            Figure("ledger.reads", "Readings of output and evidence entered", by_type.get("audit.read", 0)),
            Figure("ledger.starts", "Starts of the portal", by_type.get("app.start", 0)),
        ),
        tables=(
            Table(
                "ledger.health",
                "What happened",
                ROWS,
                shown,
                "entries of the period; verifications that were bad",
            ),
            Table(
                "ledger.types",
                "Entries by kind",
                TYPES,
                tuple(map(Row, by_type.items())),
                "entries of the period",
            ),
        ),
    )


def _matters(document: dict[str, Any]) -> bool:
    return document["t"] != "ledger.verify" or not document["d"]["ok"]


def _row(seq: int, document: dict[str, Any]) -> Row:
    said = document["d"]
    words = str(said.get("reason") or said.get("first_bad") or said.get("why") or "")
    size = said.get("size")
    cells = (document["at"], document["t"], size if isinstance(size, int) else None, words)
    return Row(cells, (Evidence(EvidenceKind.ENTRIES, str(seq), f"entry {seq}"),))
