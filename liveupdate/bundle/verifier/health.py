"""How the ledger itself fared in a period, by its entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from liveupdate.bundle.verifier.opening import Entry

HAPPENINGS = (
    *("ledger.alarm", "ledger.verify", "ledger.prune", "ledger.restore", "ledger.rekey", "spool.replay"),
)
CLAIMS = ("run.claim", "run.adopt")
CLOCK_OFF_MS = 1_000
"""A worker's clock that is further from the database's is a finding (PCI DSS 10.6)."""


def is_gap(entry: Entry) -> bool:
    """Whether it tells of output that was not kept."""
    return entry.type == "cmd.out" and "gap" in entry.said["d"]


def is_off(entry: Entry) -> bool:
    """Whether it tells of a worker's clock that was off when it took up a run."""
    return entry.type in CLAIMS and abs(entry.said["d"].get("clock_ahead_ms", 0)) > CLOCK_OFF_MS


def health_of(by_type: Mapping[str, int], found: Sequence[Entry]) -> dict[str, int]:
    """The figures. `found` are, of the period, all happenings, claims and gaps; `by_type` counts all
    entries."""
    said = [(each.type, each.said["d"]) for each in found]
    alarms = [data for kind, data in said if kind == "ledger.alarm" and not data.get("over")]
    checks = [data for kind, data in said if kind == "ledger.verify"]
    return {
        "ledger.entries": sum(by_type.values()),
        "ledger.alarms": len(alarms),
        "ledger.spool_alarms": sum("spool" in data for data in alarms),
        "ledger.anchor_alarms": sum("anchor" in data for data in alarms),
        "ledger.verified": len(checks),
        "ledger.bad": sum(not data["ok"] for data in checks),
        "ledger.replays": by_type.get("spool.replay", 0),
        "ledger.prunes": by_type.get("ledger.prune", 0),
        "ledger.restores": by_type.get("ledger.restore", 0),
        "ledger.rekeys": by_type.get("ledger.rekey", 0),
        "ledger.gaps": sum(map(is_gap, found)),
        "clocks.measured": sum(each.type in CLAIMS for each in found),
        "clocks.off": sum(map(is_off, found)),
        "ledger.exports": by_type.get("export.create", 0),
        "ledger.reads": by_type.get("audit.read", 0),
        "ledger.starts": by_type.get("app.start", 0),
    }
