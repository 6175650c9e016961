"""Which machine of a NIM master is which LPAR: by what the LPAR says itself, by name, by where it runs."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from inventory.facts.nim_objects import NimStanza, management_profile, system_serial

Found = TypeVar("Found")

CLIENT = "standalone"
OWN_WORD, NAME, PROFILE = "own_word", "name", "profile"


@dataclass(frozen=True, slots=True)
class KnownLpar:
    """An LPAR of the inventory: `row` is its key there, `nim_name` what its /etc/niminfo says, if read."""

    row: int
    name: str
    serial: str
    lpar_id: int | None
    nim_name: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """The LPAR that a machine is, and on what ground they are taken for one."""

    row: int
    ground: str


def links(objects: Mapping[str, NimStanza], lpars: Iterable[KnownLpar]) -> dict[str, Link]:
    """The LPAR of each machine that is one, by the machine's name.

    The LPAR's own word counts most, then a common host name; managed system and partition id alone
    count only where nothing else speaks, for the id changes with every Live Update. What two could be,
    it is neither.
    """
    machines = {each.name: each for each in objects.values() if each.type == CLIENT}
    left = {lpar.row: lpar for lpar in lpars}
    found: dict[str, Link] = {}
    for ground in (OWN_WORD, NAME, PROFILE):
        rows = _unique((_of_lpar(ground, lpar), row) for row, lpar in left.items())
        names = _unique((_of_machine(ground, each, objects), name) for name, each in machines.items())
        for key in names.keys() & rows.keys():
            found[names[key]] = Link(rows[key], ground)
            del machines[names[key]], left[rows[key]]
    return found


def _unique(pairs: Iterable[tuple[Hashable | None, Found]]) -> dict[Hashable, Found]:
    """What exactly one has of what there is."""
    given = [(key, value) for key, value in pairs if key]
    counts = Counter(key for key, _ in given)
    return {key: value for key, value in given if counts[key] == 1}


def _of_lpar(ground: str, lpar: KnownLpar) -> Hashable | None:
    if ground == OWN_WORD:
        return lpar.nim_name
    if ground == NAME:
        return _short(lpar.name)
    return (lpar.serial.upper(), lpar.lpar_id) if lpar.lpar_id else None


def _of_machine(ground: str, machine: NimStanza, objects: Mapping[str, NimStanza]) -> Hashable | None:
    if ground == OWN_WORD:
        return machine.name
    if ground == NAME:
        return _short(host_of(machine))
    profile = management_profile(machine)
    system = objects.get(profile.managed_system) if profile else None
    serial = system_serial(system) if system else ""
    return (serial.upper(), profile.partition_id) if profile and serial else None


def host_of(machine: NimStanza) -> str:
    """A machine's host name: the second word of `if1` (`vlan4 laboh 6E5AF0 ent0`), else its own name."""
    words = machine.get("if1").split()
    return words[1] if len(words) > 1 else machine.name


def _short(name: str) -> str:
    return name.partition(".")[0].lower()
