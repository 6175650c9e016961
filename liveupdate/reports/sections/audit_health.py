"""Section 12: how the ledger itself fared: alarms, spools, clocks, verifications, restorations."""

from collections.abc import Sequence

from liveupdate.bundle.verifier.health import CLAIMS, HAPPENINGS, health_of, is_gap, is_off
from liveupdate.bundle.verifier.opening import Entry
from liveupdate.bundle.verifier.statistics import percentile
from liveupdate.reports.document import (
    Column,
    ColumnType,
    Figure,
    Row,
    Section,
    Table,
)
from liveupdate.reports.source import Source, entry_link
from portal.audit.events import Event
from portal.audit.outcomes import FAILED
from portal.audit.signs import entries_about
from portal.audit.standing import seal_delays

SLOW_MS = 2_000
"""An entry that waits longer for its checkpoint is counted (controls.md 2.3)."""
FIGURES = (
    ("ledger.entries", "Entries made in the period", None),
    ("ledger.alarms", "Alarms", 0),
    ("ledger.spool_alarms", "Of these: a spool holds what the ledger does not", 0),
    ("ledger.anchor_alarms", "Of these: an anchor took no checkpoints", 0),
    ("ledger.verified", "Verifications of the whole ledger", None),
    ("ledger.bad", "Of these that found something altered", 0),
    ("ledger.replays", "Output brought in from spools", None),
    ("ledger.prunes", "Prunings", None),
    ("ledger.restores", "Restorations", None),
    ("ledger.rekeys", "New signing keys", None),
    ("ledger.gaps", "Pieces of output that were not kept", 0),
    ("clocks.measured", "Times that a worker's clock was compared", None),
    ("clocks.off", "Of these more than 1 s off", 0),
    ("ledger.exports", "Exports", None),
    ("ledger.reads", "Readings of output and evidence entered", None),
    ("ledger.starts", "Starts of the portal", None),
)
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


def section(source: Source) -> Section:
    """For the whole installation, whatever the filter."""
    found = [
        *_about(source, HAPPENINGS),
        *_about(source, [Event.CMD_OUT], FAILED),
        *_about(source, CLAIMS),
    ]
    figures = health_of(source.by_type, found)
    of = "entries of the period"
    told = [Figure(key, title, figures[key], must_be=must_be) for key, title, must_be in FIGURES]
    return Section(
        12,
        "audit_health",
        "Health of the ledger",
        "What was entered of the ledger itself in the period; of the whole site, whatever the filter.",
        figures=(told[0], *_sealing(source), *told[1:]),
        tables=(
            Table(
                "ledger.health",
                "What happened",
                ROWS,
                tuple(_row(each) for each in found if _matters(each)),
                f"{of}; verifications that were bad",
            ),
            Table(
                "ledger.gaps",
                "Output that was not kept",
                GAPS,
                tuple(_gap(each) for each in found if is_gap(each)),
                of,
            ),
            Table(
                "clocks",
                "Clocks of workers that were off",
                CLOCKS,
                tuple(_clock(each) for each in found if is_off(each)),
                "runs taken up in the period",
                "Every clock that was compared was right to a second.",
            ),
            Table("ledger.types", "Entries by kind", TYPES, tuple(map(Row, source.by_type.items())), of),
        ),
    )


def _about(source: Source, events: Sequence[str], outcome: str = "") -> list[Entry]:
    return [
        Entry(seq, b"", said)
        for seq, said in entries_about(
            source.standing.size, source.period.begin, source.period.end, events, outcome
        )
    ]


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


def _matters(entry: Entry) -> bool:
    return entry.type in HAPPENINGS and not (entry.type == Event.LEDGER_VERIFY and entry.said["d"]["ok"])


def _row(entry: Entry) -> Row:
    said = entry.said["d"]
    words = str(said.get("reason") or said.get("first_bad") or said.get("why") or "")
    if entry.type == Event.SPOOL_REPLAY:
        words = f"{said['bytes']} bytes of command {said['command']} of run {entry.said['sub']['run']}"
    size = said.get("size")
    cells = (entry.said["at"], entry.type, size if isinstance(size, int) else None, words)
    return Row(cells, entry_link(entry))


def _gap(entry: Entry) -> Row:
    said, gap = entry.said["d"], entry.said["d"]["gap"]
    place = (entry.said["at"], entry.said["sub"]["run"], said["command"], said["stream"])
    return Row((*place, gap["to"] - gap["from"], gap["digest"]), entry_link(entry))


def _clock(entry: Entry) -> Row:
    said = entry.said
    cells = (said["at"], said["actor"]["id"], said["sub"]["run"], said["d"]["clock_ahead_ms"])
    return Row(cells, entry_link(entry))
