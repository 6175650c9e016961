"""What a managed system's page shows of its capacity: what is free, reserved, and needed by surrogates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from inventory.models import Lpar, ManagedSystem
from liveupdate.lpar.capacity import NO_POOL, Capacity, Need, Room, shortage
from liveupdate.lpar.surrogate import Amount, Reservation, total
from liveupdate.models import Request, Run
from liveupdate.records.rooms import room_of, system_facts
from liveupdate.records.surrogates import approved_on, needs_of, reservations_of, runs_on, wanted_by

FROM_POOL = "An Enterprise Pool could add"


@dataclass(frozen=True, slots=True)
class Bar:
    """One length of a bar chart; None is unknown."""

    label: str
    value: int | float | None


@dataclass(frozen=True, slots=True)
class Bars:
    """One resource: its unit, all there is, and the parts of it."""

    name: str
    unit: str
    most: int | float
    rows: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Wanting:
    """An LPAR with what its surrogate would take, and why that does not fit now (empty: it does)."""

    lpar: Lpar
    need: Need | None
    why_not: str


@dataclass(frozen=True, slots=True)
class Capacities:
    """Everything that the page shows; without `room`, `unknown` says why nobody knows it."""

    room: Room | None
    unknown: str
    read_at: datetime | None
    running: tuple[tuple[Run, Amount | None], ...]
    approved: tuple[tuple[Request, Amount | None], ...]
    bars: tuple[Bars, ...]
    wanting: tuple[Wanting, ...]


def capacities_of(system: ManagedSystem, lpars: Iterable[Lpar]) -> Capacities:
    """The capacity of a managed system, and what the surrogates of these LPARs would need of it."""
    facts = system_facts(system)
    room, unknown = room_of(facts, system)
    runs, requests = runs_on(system.pk), approved_on(system.pk)
    held = reservations_of(runs, started=room.started if room else frozenset())
    wanted = wanted_by(requests)
    asked = list(lpars)
    needs = needs_of(asked)
    return Capacities(
        room=room,
        unknown=unknown,
        read_at=max((reading.read_at for reading in facts.readings.values()), default=None),
        running=tuple((run, each.amount) for run, each in zip(runs, reservations_of(runs), strict=True)),
        approved=tuple((request, each.amount) for request, each in zip(requests, wanted, strict=True)),
        bars=_bars(room, total(held), total(wanted)) if room else (),
        wanting=tuple(Wanting(lpar, needs[lpar.pk], _why_not(needs[lpar.pk], room, held)) for lpar in asked),
    )


def _bars(room: Room, held: Amount | None, wanted: Amount | None) -> tuple[Bars, ...]:
    used = Amount(
        room.configurable.memory_mb - room.free.memory_mb, room.configurable.cores - room.free.cores
    )
    parts = (
        ("Used by partitions", used),
        ("Reserved for runs", held),
        ("Reserved for approved plans", wanted),
        ("Left for others", _left(room, held, wanted)),
    )
    memory = [Bar(label, None if amount is None else amount.memory_mb) for label, amount in parts]
    cores = [Bar(label, None if amount is None else float(amount.cores)) for label, amount in parts]
    if room.more != NO_POOL:
        memory.append(Bar(FROM_POOL, room.more.memory_mb))
        cores.append(Bar(FROM_POOL, room.more.cores))
    return (
        Bars("Memory", "MB", room.configurable.memory_mb, tuple(memory)),
        Bars("Processors", "cores", float(room.configurable.cores), tuple(cores)),
    )


def _left(room: Room, held: Amount | None, wanted: Amount | None) -> Amount | None:
    if held is None or wanted is None:
        return None
    reserved = held + wanted
    memory_mb = max(0, room.free.memory_mb - reserved.memory_mb)
    return Amount(memory_mb, max(Decimal(0), room.free.cores - reserved.cores))


def _why_not(need: Need | None, room: Room | None, held: tuple[Reservation, ...]) -> str:
    if need is None or room is None:
        return ""
    return shortage(Capacity(need, room), held)
