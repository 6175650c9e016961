"""The inventory as it was at a moment of the past, by the ledger's entries of what LPARs became.

An LPAR is what its newest entry before the moment says. Without one it is what its first entry after it
says that it had been, and without any entry what its row says: nothing was changed since.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from inventory.lpar_state import LparState, lpar_state
from inventory.models import Lpar
from portal.access.models import Team
from portal.audit.events import Event
from portal.audit.signs import every_entry_of
from portal.lib.clock import rfc3339


@dataclass(frozen=True, slots=True)
class LparThen:
    """An LPAR as it was; `pk` is its row, whatever became of it."""

    pk: int
    name: str
    team_id: int
    team: str
    environment: str
    retired: bool


@dataclass(frozen=True, slots=True)
class InventoryThen:
    """The LPARs of a moment by their rows, in the order of their names.

    `known_since` is when the first change was entered; earlier ones are not known. Empty: none was.
    """

    lpars: dict[int, LparThen]
    known_since: str


def inventory_at(size: int, moment: datetime, team: str = "") -> InventoryThen:
    """The inventory before a moment, by the first `size` entries; with `team` (a short name) that team's."""
    first_later: dict[int, LparState | None] = {}
    newest: dict[int, LparState] = {}
    known_since, cut = "", rfc3339(moment)
    for seq, entry in every_entry_of(Event.LPAR_CHANGE):
        said, row = entry["d"], entry["d"]["row"]
        if seq is not None and seq < size and entry["at"] < cut:
            newest[row] = said["after"]
            known_since = known_since or entry["at"]
        else:
            first_later.setdefault(row, said["before"])
    states = {**dict(_rows()), **first_later, **newest}
    teams = {each.slug: each for each in Team.objects.all()}
    found = [
        LparThen(
            pk=pk,
            name=state["name"],
            team_id=teams[state["team"]].pk,
            team=teams[state["team"]].name,
            environment=state["environment"],
            retired=state["retired"],
        )
        for pk, state in states.items()
        if state is not None and team in ("", state["team"])
    ]
    return InventoryThen({each.pk: each for each in sorted(found, key=lambda each: each.name)}, known_since)


def _rows() -> Iterator[tuple[int, LparState]]:
    for lpar in Lpar.objects.select_related("host", "team").iterator(chunk_size=2_000):
        yield lpar.pk, lpar_state(lpar)
