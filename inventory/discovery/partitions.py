"""Compares the partitions that an HMC lists with the LPARs and VIOSs of the inventory.

A partition is the one that is known when its UUID is. Where the HMC has none, name and number have to
agree both; where only one of them does, a person says whether it is the same. While a Live Update renames
an LPAR to `NAME_lku0` and starts its surrogate as `NAME`, both are that LPAR.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from inventory.discovery.console import VIOS_ENV
from inventory.discovery.differences import Difference, KnownPartition, Sighting, identity
from inventory.discovery.estate import Estate, FoundPartition, FoundSystem
from inventory.discovery.listing import AIX_ENV, Listing, is_migrating, same_number

Changes = Mapping[str, tuple[str, str]]
HEIR = "Its surrogate was seen during a Live Update, and has taken over."
MIGRATED = "Its UUID is listed by another managed system: it was migrated."
RETURNED = "Name and number are those of an LPAR that was retired: accept it if it is the same one."
NAME_ONLY = (
    "Only the name is the same. That is so after some Live Updates, and also when an LPAR was made anew "
    "under an old name: accept it if it is still the same one."
)
NUMBER_ONLY = "Only the number is the same, and numbers are given anew: accept it if it was renamed."
NO_UUID = "The HMC tells no UUID: until one is known, name and number together identify it."
NO_SYSTEM = "The HMC does not know its operating system."


@dataclass(slots=True)
class Comparison:
    """What was seen of the known, what differs, and how many Live Updates are going on."""

    listing: Listing
    caution: str = ""
    sightings: list[Sighting] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    updating: int = 0


def compare_partitions(estate: Estate, known: Iterable[KnownPartition]) -> Comparison:
    """Compare; the surest ways to recognise come first, for all, before the less sure ones."""
    listing = Listing(estate)
    comparison = Comparison(listing, estate.caution)
    rest = sorted(known, key=lambda each: each.is_retired)
    for recognise in (_updating, _updating_by_name, _by_uuid, _elsewhere, _by_both, _by_one):
        rest = [each for each in rest if not recognise(comparison, each)]
    for each in rest:
        _gone(comparison, each)
    comparison.updating += listing.updates_left()
    for system, found in listing.unknown():
        comparison.differences.extend(_appeared(system, found))
    return comparison


def _updating(to: Comparison, known: KnownPartition) -> bool:
    """A Live Update of what has this UUID is going on: both halves are seen, nothing differs."""
    here = to.listing.by_uuid(known.serial, known.uuid)
    return here is not None and _update_seen(to, known, here.partition.name)


def _updating_by_name(to: Comparison, known: KnownPartition) -> bool:
    is_told_by_uuid = to.listing.by_uuid(known.serial, known.uuid) is not None
    return not (known.is_retired or is_told_by_uuid) and _update_seen(to, known, known.name)


def _update_seen(to: Comparison, known: KnownPartition, name: str) -> bool:
    halves = [e for e in to.listing.halves(known.serial, name) if to.listing.is_left(known.serial, e)]
    if known.kind != "lpar" or not halves:
        return False
    others = [each.partition.uuid for each in halves if each.partition.uuid not in ("", known.uuid)]
    surrogate = others[0] if known.uuid and len(others) == 1 and len(halves) == 2 else ""
    read_at = to.listing.systems[known.serial].read_at
    to.sightings.append(Sighting(known.row, known.kind, halves[0], read_at, True, surrogate))
    to.updating += 1
    for each in halves:
        to.listing.take(known.serial, each)
    return True


def _by_uuid(to: Comparison, known: KnownPartition) -> bool:
    if here := to.listing.by_uuid(known.serial, known.uuid):
        _match(to, known, here, _changes(known, here, "name"))
        return True
    if heir := to.listing.by_uuid(known.serial, known.surrogate_uuid):
        _match(to, known, heir, _changes(known, heir, "name", "uuid"), HEIR)
        return True
    return False


def _elsewhere(to: Comparison, known: KnownPartition) -> bool:
    """It moved to another managed system, where its UUID is the same; a person confirms that."""
    place = to.listing.elsewhere(known.serial, known.uuid)
    if place is None:
        return False
    serial, found = place
    to.listing.take(serial, found)
    if not is_migrating(found.partition):
        moved = {"managed_system": (known.serial, serial)}
        to.differences.append(_changed(known, {**_changes(known, found, "name"), **moved}, MIGRATED))
    return True


def _by_both(to: Comparison, known: KnownPartition) -> bool:
    """Name and number agree, and no UUIDs tell the two apart."""
    found = to.listing.by_name(known)
    if found is None or not same_number(known, found.partition):
        return False
    changes = {} if known.uuid else _changes(known, found, "uuid")
    if known.is_retired:
        to.listing.take(known.serial, found)
        to.differences.append(_changed(known, {**changes, "retired": ("yes", "no")}, RETURNED))
    else:
        _match(to, known, found, changes)
    return True


def _by_one(to: Comparison, known: KnownPartition) -> bool:
    """Name or number alone agree: enough to ask, and to call nothing new or gone."""
    if known.is_retired:
        return False
    if named := to.listing.by_name(known):
        to.listing.take(known.serial, named)
        to.differences.append(_changed(known, _changes(known, named, "uuid", "logical_serial"), NAME_ONLY))
        return True
    if numbered := to.listing.by_number(known):
        to.listing.take(known.serial, numbered)
        names = ("name",) if known.uuid else ("name", "uuid")
        to.differences.append(_changed(known, _changes(known, numbered, *names), NUMBER_ONLY))
        return True
    return False


def _gone(to: Comparison, known: KnownPartition) -> None:
    system = to.listing.systems.get(known.serial)
    if known.is_retired or system is None or not system.is_whole:
        return
    if known.seen_at is None or known.seen_at < system.read_at:
        before = {"managed_system": known.serial, "uuid": known.uuid, "logical_serial": known.logical_serial}
        listed = len(system.partitions or ())
        note = f"{system.system.name} lists {listed} partitions, and not this one. {to.caution}".strip()
        to.differences.append(
            Difference(known.kind, known.identity, known.name, "gone", before, note=note, row=known.row)
        )


def _match(
    to: Comparison,
    known: KnownPartition,
    found: FoundPartition,
    changes: Changes,
    note: str = "",
) -> None:
    to.listing.take(known.serial, found)
    to.sightings.append(Sighting(known.row, known.kind, found, to.listing.systems[known.serial].read_at))
    if known.is_retired:
        changes = {**changes, "retired": ("yes", "no")}
    if changes:
        to.differences.append(_changed(known, changes, note, is_certain=True))


def _changes(known: KnownPartition, found: FoundPartition, *attributes: str) -> Changes:
    pairs = {name: (getattr(known, name), getattr(found.partition, name)) for name in attributes}
    return {name: values for name, values in pairs.items() if values[0] != values[1]}


def _changed(known: KnownPartition, changes: Changes, note: str, *, is_certain: bool = False) -> Difference:
    return Difference(
        kind=known.kind,
        identity=known.identity,
        name=known.name,
        change="changed",
        before={name: values[0] for name, values in changes.items()},
        after={name: values[1] for name, values in changes.items()},
        note=note,
        row=known.row,
        is_certain=is_certain,
    )


def _appeared(system: FoundSystem, found: FoundPartition) -> Iterator[Difference]:
    """A partition that nobody knows; what runs neither AIX nor a VIOS is none of ours."""
    partition, serial = found.partition, system.system.serial
    kind = {VIOS_ENV: "vios", AIX_ENV: "lpar"}.get(partition.env)
    if kind is None or (kind == "lpar" and partition.os.startswith("Linux")):
        return
    notes = [] if partition.uuid else [NO_UUID]
    if kind == "lpar" and not partition.os.startswith("AIX"):
        notes.append(NO_SYSTEM)
    yield Difference(
        kind=kind,
        identity=identity(serial, partition.uuid, partition.logical_serial, partition.name),
        name=partition.name,
        change="new",
        after={
            "managed_system": serial,
            "uuid": partition.uuid,
            "logical_serial": partition.logical_serial,
            "lpar_id": partition.lpar_id,
            "state": partition.state,
            "rmc_state": partition.rmc_state,
            "address": partition.address,
            "os": partition.os,
            "memory_mb": found.memory_mb,
            "cores": None if found.cores is None else str(found.cores),
            "level": found.level,
        },
        note=" ".join(notes),
        is_certain=kind == "vios",
    )
