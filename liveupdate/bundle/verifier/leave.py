"""Leave for LPARs to stay below a baseline, by its entries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from liveupdate.bundle.verifier.opening import Entry


class Leave:
    """An exception, with the days on which it holds (both included) and when it was taken back, if so."""

    def __init__(self, granted: Entry) -> None:
        said = granted.said["d"]
        self.team = str(granted.said["sub"].get("team", ""))
        self.granted_at, self.granted_by = str(granted.said["at"]), str(granted.said["actor"]["id"])
        self.owner = str(said["owner"])
        self.starts_on, self.expires_on = str(said["starts_on"]), str(said["expires_on"])
        self.ended_at = ""

    def holds(self, day: str) -> bool:
        """Whether it holds on a day."""
        ended = self.ended_at and self.ended_at[:10] <= day
        return self.starts_on <= day <= self.expires_on and not ended


def leaves_of(entries: Iterable[Entry], begin: str, cut: str, team: str = "") -> list[Leave]:
    """The exceptions that held on a day from a moment up to another, as they stood then."""
    found: dict[int, Leave] = {}
    for entry in entries:
        named = int(entry.said["d"]["exception"])
        if entry.type == "exception.grant":
            found[named] = Leave(entry)
        elif named in found:
            found[named].ended_at = str(entry.said["at"])
    last = last_day(cut)
    return [
        each
        for each in found.values()
        if team in ("", each.team)
        and each.granted_at < cut
        and each.starts_on <= last
        and each.expires_on >= begin[:10]
        and not (each.ended_at and each.ended_at < begin)
    ]


def leave_figures(leaves: list[Leave], cut: str) -> dict[str, int]:
    """The figures of exceptions."""
    return {
        "exceptions.all": len(leaves),
        "exceptions.in_force": sum(each.holds(last_day(cut)) for each in leaves),
        "exceptions.own": sum(each.owner == each.granted_by for each in leaves),
    }


def last_day(cut: str) -> str:
    """The last day (UTC) before a moment."""
    moment = datetime.fromisoformat(cut.replace("Z", "+00:00")) - timedelta(microseconds=1)
    return moment.date().isoformat()
