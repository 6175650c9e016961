"""The partitions that an HMC lists, found by UUID or name, until each is matched with what is known."""

from collections import defaultdict
from collections.abc import Iterator

from inventory.discovery.console import VIOS_ENV
from inventory.discovery.differences import KnownPartition
from inventory.discovery.estate import Estate, FoundPartition, FoundSystem
from inventory.facts.partition import Partition

SUFFIX = "_lku0"
"""What a Live Update appends to the name of the original while its surrogate has the plain name."""
AIX_ENV = "aixlinux"


class Listing:
    """All partitions of the managed systems whose list was read; those matched are taken out."""

    def __init__(self, estate: Estate) -> None:
        self.systems = {each.system.serial: each for each in estate.systems if each.partitions is not None}
        self._left = {
            serial: {each.partition.lpar_id: each for each in system.partitions or ()}
            for serial, system in self.systems.items()
        }
        self._places: dict[str, list[tuple[str, FoundPartition]]] = defaultdict(list)
        self._updating: dict[tuple[str, str], list[FoundPartition]] = {}
        for serial, system in self.systems.items():
            self._index(serial, system)

    def _index(self, serial: str, system: FoundSystem) -> None:
        found = system.partitions or ()
        bases = {e.partition.name.removesuffix(SUFFIX) for e in found if _is_original(e.partition)}
        for each in found:
            base = each.partition.name.removesuffix(SUFFIX)
            if base in bases:
                self._updating.setdefault((serial, base), []).append(each)
            if each.partition.uuid:
                self._places[each.partition.uuid].append((serial, each))

    def by_uuid(self, serial: str, uuid: str) -> FoundPartition | None:
        """The partition of a managed system with this UUID; an empty one is nobody's."""
        return next((found for place, found in self._places.get(uuid, ()) if place == serial), None)

    def elsewhere(self, serial: str, uuid: str) -> tuple[str, FoundPartition] | None:
        """The one other managed system with this UUID, and its partition, unless that is another's."""
        others = [place for place in self._places.get(uuid, ()) if place[0] != serial]
        return others[0] if len(others) == 1 and self.is_left(*others[0]) else None

    def by_name(self, known: KnownPartition) -> FoundPartition | None:
        """What is left of its managed system under its name, and of its kind."""
        named = (each for each in self.left_of(known.serial) if each.partition.name == known.name)
        return next((each for each in named if same_kind(known, each.partition)), None)

    def by_number(self, known: KnownPartition) -> FoundPartition | None:
        """What is left under its number, unless UUIDs tell the two apart."""
        return next((each for each in self.left_of(known.serial) if same_number(known, each.partition)), None)

    def halves(self, serial: str, name: str) -> list[FoundPartition]:
        """Original and surrogate of a Live Update of what one of them is called; empty without one."""
        return self._updating.get((serial, name.removesuffix(SUFFIX)), [])

    def updates_left(self) -> int:
        """How many Live Updates are of partitions that nobody knows."""
        return sum(any(self.is_left(key[0], e) for e in found) for key, found in self._updating.items())

    def left_of(self, serial: str) -> list[FoundPartition]:
        """What was not taken out yet of a managed system."""
        return list(self._left.get(serial, {}).values())

    def unknown(self) -> Iterator[tuple[FoundSystem, FoundPartition]]:
        """What is left in the end, but for halves of Live Updates and what is being migrated."""
        for serial, system in self.systems.items():
            for each in self.left_of(serial):
                if not self.halves(serial, each.partition.name) and not is_migrating(each.partition):
                    yield system, each

    def take(self, serial: str, found: FoundPartition) -> None:
        """Take out a partition, wherever its UUID is listed."""
        places = self._places.get(found.partition.uuid, [(serial, found)])
        for place, each in places:
            self._left[place].pop(each.partition.lpar_id, None)

    def is_left(self, serial: str, found: FoundPartition) -> bool:
        """Whether nobody took it out yet."""
        return found.partition.lpar_id in self._left[serial]


def is_migrating(partition: Partition) -> bool:
    """Whether it is on its way between two managed systems, which both list it then."""
    return partition.state.startswith("Migrating")


def same_kind(known: KnownPartition, partition: Partition) -> bool:
    """Whether both are a VIOS, or neither is."""
    return (known.kind == "vios") == (partition.env == VIOS_ENV)


def same_number(known: KnownPartition, partition: Partition) -> bool:
    """Whether the number agrees; UUIDs that differ, or another kind, tell the two apart."""
    if (known.uuid and partition.uuid) or not same_kind(known, partition):
        return False
    if known.logical_serial and partition.logical_serial:
        return known.logical_serial == partition.logical_serial
    return known.lpar_id == partition.lpar_id


def _is_original(partition: Partition) -> bool:
    return partition.env == AIX_ENV and partition.name.endswith(SUFFIX)
