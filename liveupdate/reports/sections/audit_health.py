"""Section 12: how the ledger itself fared: alarms, spools, clocks, verifications, restorations."""

from collections.abc import Sequence
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
from liveupdate.reports.statistics import percentile
from portal.audit.events import Event
from portal.audit.outcomes import FAILED
from portal.audit.signs import entries_about
from portal.audit.standing import seal_delays

SLOW_MS = 2_000
"""An entry that waits longer for its checkpoint is counted (controls.md 2.3)."""
CLOCK_OFF_MS = 1_000
"""A worker's clock that is further from the database's is a finding (PCI DSS 10.6)."""
TOLD = (
    Event.LEDGER_ALARM,
    Event.LEDGER_VERIFY,
    Event.LEDGER_PRUNE,
    Event.LEDGER_RESTORE,
    Event.LEDGER_REKEY,
    Event.SPOOL_REPLAY,
)
CLAIMS = (Event.RUN_CLAIM, Event.RUN_ADOPT)
ROWS = (
    Column("at", "When", ColumnType.TIME),
    Column("what", "What"),
    Column("size", "Entries then", ColumnType.NUMBER),
    Column("said", "In words"),
)
GAPS = (
    Column("at", "When", ColumnType.TIME),
    Column("run", "Run", ColumnType.RUN),
    Column("command", "Command", ColumnType.NUMBER),
    Column("stream", "Stream"),
    Column("bytes", "Bytes not kept", ColumnType.NUMBER),
    Column("digest", "Their digest", ColumnType.DIGEST),
)
CLOCKS = (
    Column("at", "When", ColumnType.TIME),
    Column("worker", "Worker"),
    Column("run", "Run", ColumnType.RUN),
    Column("ahead", "Before the database's clock by", ColumnType.MILLISECONDS),
)
TYPES = (Column("event", "Kind"), Column("entries", "Entries", ColumnType.NUMBER))
Said = tuple[int, dict[str, Any]]
"""The place of an entry, and the entry."""


def section(source: Source) -> Section:
    """For the whole installation, whatever the filter."""
    found, gaps, claims = (
        _about(source, TOLD),
        _about(source, [Event.CMD_OUT], FAILED),
        _about(source, CLAIMS),
    )
    off = [each for each in claims if abs(each[1]["d"].get("clock_ahead_ms", 0)) > CLOCK_OFF_MS]
    of = "entries of the period"
    return Section(
        12,
        "audit_health",
        "Health of the ledger",
        "What was entered of the ledger itself in the period; of the whole site, whatever the filter.",
        figures=(
            Figure("ledger.entries", "Entries made in the period", sum(source.by_type.values())),
            *_sealing(source),
            *_happenings(source, found),
            Figure("ledger.gaps", "Pieces of output that were not kept", len(gaps), must_be=0),
            Figure("clocks.measured", "Times that a worker's clock was compared", len(claims)),
            Figure("clocks.off", "Of these more than 1 s off", len(off), must_be=0),
            *_countings(source),
        ),
        tables=(
            Table(
                "ledger.health",
                "What happened",
                ROWS,
                tuple(_row(*each) for each in found if _matters(each[1])),
                f"{of}; verifications that were bad",
            ),
            Table("ledger.gaps", "Output that was not kept", GAPS, tuple(_gap(*each) for each in gaps), of),
            Table(
                "clocks",
                "Clocks of workers that were off",
                CLOCKS,
                tuple(_clock(*each) for each in off),
                "runs taken up in the period",
                "Every clock that was compared was right to a second.",
            ),
            Table("ledger.types", "Entries by kind", TYPES, tuple(map(Row, source.by_type.items())), of),
        ),
    )


def _about(source: Source, events: Sequence[Event], outcome: str = "") -> list[Said]:
    return entries_about(source.standing.size, source.period.begin, source.period.end, events, outcome)


def _sealing(source: Source) -> tuple[Figure, ...]:
    """How long entries waited for a signature."""
    delays = seal_delays(source.standing.size, source.period.begin, source.period.end)
    slow, of = sum(each > SLOW_MS for each in delays), "entries of the period"
    half, most = percentile(delays, 50), percentile(delays, 99)
    return (
        Figure("ledger.seal_p50", "Until signed, of half of them", half, ColumnType.MILLISECONDS, of),
        Figure("ledger.seal_p99", "Until signed, of 99 of 100", most, ColumnType.MILLISECONDS, of),
        Figure("ledger.seal_slow", "Not signed within 2 s", slow, denominator=of),
    )


def _happenings(source: Source, found: Sequence[Said]) -> tuple[Figure, ...]:
    kinds = [document["t"] for _, document in found]
    alarms = [said["d"] for _, said in found if said["t"] == Event.LEDGER_ALARM and not said["d"].get("over")]
    checks = [said["d"] for _, said in found if said["t"] == Event.LEDGER_VERIFY]
    spools, anchors = (sum(kind in said for said in alarms) for kind in ("spool", "anchor"))
    bad = sum(not said["ok"] for said in checks)
    return (
        Figure("ledger.alarms", "Alarms", len(alarms), must_be=0),
        Figure("ledger.spool_alarms", "Of these: a spool holds what the ledger does not", spools, must_be=0),
        Figure("ledger.anchor_alarms", "Of these: an anchor took no checkpoints", anchors, must_be=0),
        Figure("ledger.verified", "Verifications of the whole ledger", len(checks)),
        Figure("ledger.bad", "Of these that found something altered", bad, must_be=0),
        Figure("ledger.replays", "Output brought in from spools", kinds.count(Event.SPOOL_REPLAY)),
        Figure("ledger.prunes", "Prunings", kinds.count(Event.LEDGER_PRUNE)),
        Figure("ledger.restores", "Restorations", kinds.count(Event.LEDGER_RESTORE)),
        Figure("ledger.rekeys", "New signing keys", kinds.count(Event.LEDGER_REKEY)),
    )


def _countings(source: Source) -> tuple[Figure, ...]:
    by_type = source.by_type
    return (
        Figure("ledger.exports", "Exports", by_type.get(Event.EXPORT_CREATE, 0)),
        Figure("ledger.reads", "Readings of output and evidence entered", by_type.get(Event.AUDIT_READ, 0)),
        Figure("ledger.starts", "Starts of the portal", by_type.get(Event.APP_START, 0)),
    )


def _matters(document: dict[str, Any]) -> bool:
    return document["t"] != Event.LEDGER_VERIFY or not document["d"]["ok"]


def _row(seq: int, document: dict[str, Any]) -> Row:
    said = document["d"]
    words = str(said.get("reason") or said.get("first_bad") or said.get("why") or "")
    if document["t"] == Event.SPOOL_REPLAY:
        words = f"{said['bytes']} bytes of command {said['command']} of run {document['sub']['run']}"
    size = said.get("size")
    cells = (document["at"], document["t"], size if isinstance(size, int) else None, words)
    return Row(cells, _at(seq))


def _gap(seq: int, document: dict[str, Any]) -> Row:
    said, gap = document["d"], document["d"]["gap"]
    place = (document["at"], document["sub"]["run"], said["command"], said["stream"])
    return Row((*place, gap["to"] - gap["from"], gap["digest"]), _at(seq))


def _clock(seq: int, document: dict[str, Any]) -> Row:
    cells = (document["at"], document["actor"]["id"], document["sub"]["run"], document["d"]["clock_ahead_ms"])
    return Row(cells, _at(seq))


def _at(seq: int) -> tuple[Evidence, ...]:
    return (Evidence(EvidenceKind.ENTRIES, str(seq), f"entry {seq}"),)
