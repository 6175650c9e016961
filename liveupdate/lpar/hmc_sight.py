"""Original and surrogate as the HMC lists them during a Live Update, and when they are together too long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from liveupdate.lpar.state import ORIGINAL

LONGEST_TOGETHER = timedelta(minutes=60)
"""After the workload has moved; the original is gone some minutes later (handbook 5.3 L8)."""


@dataclass(frozen=True, slots=True)
class HmcLpar:
    """One partition as the HMC showed it; `role` is original or surrogate while there are both."""

    name: str
    id: str
    state: str
    rmc: str
    role: str


def partitions_seen(partition: str, lines: Iterable[str]) -> tuple[HmcLpar, ...]:
    """Those of an LPAR, from lines of name, id, state and RMC's state."""
    rows = [line.split(",") for line in lines if line.count(",") >= 2]
    shown = {row[0]: row for row in rows if row[0] in (partition, partition + ORIGINAL)}
    return tuple(_seen(row, len(shown) > 1, row[0] == partition) for row in shown.values())


def _seen(row: list[str], both: bool, named: bool) -> HmcLpar:
    """While both exist, the surrogate has the name and the original the interim one."""
    role = ("surrogate" if named else "original") if both else ""
    return HmcLpar(row[0], row[1], row[2], row[3] if len(row) > 3 else "", role)


def too_long(lpars: tuple[HmcLpar, ...], moved_at: datetime | None, at: datetime) -> str:
    """What is wrong when original and surrogate are still both there; empty while nothing is."""
    if len(lpars) < 2 or moved_at is None or at - moved_at <= LONGEST_TOGETHER:
        return ""
    minutes = int((at - moved_at).total_seconds() // 60)
    original = next(lpar for lpar in lpars if lpar.role == "original")
    return (
        f"The workload moved {minutes} minutes ago, and the original {original.name} (id {original.id}, "
        f"{original.state}) is still on the HMC. It may need a cleanup; look at the output first."
    )
