"""The truth log: what really ran on a host, one JSON line per event, append-only.

Events: `shell` (a command text arrived over SSH), `start` and `end` of a simulated command, which
share a number. An `end` whose status is null means that the command's process was killed. `asked` names
faults that would strike at this point if they were on.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from inventory.lab.commands.call import now


class TruthLog:
    """The log of one host."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._next = 1 + sum(1 for event in read_events(path) if event["event"] == "start")

    def shell(self, text: str, account: str) -> None:
        """An account's command text arrived."""
        self._append({"event": "shell", "at": now(), "text": text, "account": account})

    def start(self, argv: list[str], pid: int) -> int:
        """A simulated command began; returns its number."""
        number = self._next
        self._next += 1
        self._append({"event": "start", "n": number, "at": now(), "argv": argv, "pid": pid})
        return number

    def end(self, number: int, status: int | None) -> None:
        """A simulated command ended."""
        self._append({"event": "end", "n": number, "at": now(), "status": status})

    def asked(self, *faults: str) -> None:
        """Something went on here in which these faults would strike."""
        self._append({"event": "asked", "at": now(), "faults": faults})

    def _append(self, event: dict[str, Any]) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(event, separators=(",", ":")) + "\n")


def read_events(path: Path) -> list[dict[str, Any]]:
    """The events of a truth log, oldest first; empty when there is none yet."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def executions(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Simulated commands with argv, start, end and status (null while running or when killed)."""
    found: dict[int, dict[str, Any]] = {}
    for event in events:
        if event["event"] == "start":
            found[event["n"]] = {"argv": event["argv"], "start": event["at"], "end": None, "status": None}
        elif event["event"] == "end":
            found[event["n"]].update(end=event["at"], status=event["status"])
    return list(found.values())


def faults_met(events: list[dict[str, Any]]) -> dict[str, int]:
    """The faults that would have struck, with how often they were asked for."""
    return dict(Counter(name for event in events if event["event"] == "asked" for name in event["faults"]))
