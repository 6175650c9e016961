"""The numbers of a bundle's report, counted from the entries alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from liveupdate.bundle.verifier.opening import Entry
from liveupdate.bundle.verifier.runs import runs_of

DECISIONS = ("approval.grant", "approval.deny", "approval.change", "approval.withdraw")


def numbers_of(entries: list[Entry]) -> dict[str, Any]:
    """What `report.json` holds: counts over all, and a row for each run."""
    return {
        "entries": len(entries),
        "by_type": counted(entry.type for entry in entries),
        "decisions": counted(entry.type for entry in entries if entry.type in DECISIONS),
        "runs": [_run(run, found) for run, found in sorted(runs_of(entries).items())],
    }


def _run(run: int, entries: list[Entry]) -> dict[str, Any]:
    ends = [entry.said for entry in entries if entry.type == "run.end"]
    end = ends[-1]["d"] if ends else {}
    first = entries[0].said
    output = [entry.said["d"] for entry in entries if entry.type == "cmd.out"]
    return {
        "run": run,
        "request": first["sub"].get("request", ""),
        "lpar": first["sub"].get("lpar", ""),
        "plan": first["sub"].get("plan", ""),
        "queued_at": first["at"],
        "ended_at": ends[-1]["at"] if ends else "",
        "state": end.get("state", "not over"),
        "outcome": end.get("outcome", ""),
        "level_before": end.get("level_before") or "",
        "level_after": end.get("level_after") or "",
        "blackout_ms": end.get("blackout_ms"),
        "commands": sum(entry.type == "cmd.intent" for entry in entries),
        "output_bytes": sum(said["bytes"] for said in output),
    }


def counted(kinds: Iterable[str]) -> dict[str, int]:
    """How many there are of each kind."""
    counts: dict[str, int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    return counts
