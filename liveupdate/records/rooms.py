"""What managed systems have for surrogates, by the newest answers of their HMCs."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, OuterRef, Subquery

from inventory.actions.readings import reading_of
from inventory.facts.base import FactMissing, FactSet
from inventory.facts.hmc.cod_pool_systems import COD_POOL_SYSTEMS
from inventory.facts.hmc.cod_pools import COD_POOLS
from inventory.facts.hmc.lpars import LPARS
from inventory.facts.hmc.memory_system import MEMORY_SYSTEM
from inventory.facts.hmc.processors_system import PROCESSORS_SYSTEM
from inventory.models import FactReading, ManagedSystem
from liveupdate.control.reasons import Reason
from liveupdate.lpar.capacity import Room, room_on
from liveupdate.lpar.surrogate import NOTHING, Amount, total
from liveupdate.records.surrogates import approved_on, reservations_of, runs_on, wanted_by

SYSTEM_FACTS = (LPARS, MEMORY_SYSTEM, PROCESSORS_SYSTEM, COD_POOLS, COD_POOL_SYSTEMS)


def system_facts(system: ManagedSystem) -> FactSet:
    """The newest answer to each question about the system, whichever LPAR it was asked for."""
    return system_facts_of([system.pk])[system.pk]


def system_facts_of(systems: Collection[int]) -> dict[int, FactSet]:
    """The same for several, by id. One query."""
    facts = {key: FactSet() for key in systems}
    names = [fact.name for fact in SYSTEM_FACTS]
    place = "subject__lpar__managed_system"
    own = FactReading.objects.filter(**{f"{place}__in": list(systems)}, current=True, fact__in=names)
    same = own.filter(fact=OuterRef("fact"), key=OuterRef("key"), **{place: OuterRef(place)})
    newest = own.filter(pk=Subquery(same.order_by("-read_at", "-pk").values("pk")[:1]))
    for row in newest.select_related("host").annotate(system=F(place)):
        facts[row.system].add(reading_of(row))
    return facts


def room_of(facts: FactSet, system: ManagedSystem) -> tuple[Room | None, str]:
    """The room by the name that the system was last asked for under; without it, why nobody knows it."""
    keys = sorted(
        facts.keys(MEMORY_SYSTEM), key=lambda key: facts.readings[(MEMORY_SYSTEM.name, key)].read_at
    )
    if not keys:
        return None, "Nobody has asked an HMC for it yet."
    try:
        return room_on(facts, keys[-1], system.serial), ""
    except FactMissing as missing:
        return None, f"{missing.reason.rstrip('.')}."


def left_on(
    system: ManagedSystem, starts_at: datetime, ends_at: datetime, besides: Collection[int]
) -> Amount | Reason:
    """What is left for the surrogates of the LPARs `besides` in a change window; else why nobody knows.

    The runs and the approved requests of others are taken off.
    """
    room, unknown = room_of(system_facts(system), system)
    if room is None:
        return Reason(
            "room_unknown",
            f"The capacity of {system} is not known. {unknown}",
            f"Read the facts of an LPAR on {system} first.",
        )
    runs = reservations_of(runs_on(system.pk).exclude(lpar__in=besides), started=room.started)
    same_time = approved_on(system.pk).filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
    others = (*runs, *wanted_by(same_time.exclude(lpar__in=besides)))
    if (taken := total(others)) is None:
        unknown_ones = ", ".join(each.holder for each in others if each.amount is None)
        return Reason(
            "room_unknown",
            f"Nobody knows how much of {system} these take: {unknown_ones}.",
            "Plan the waves again when they are over.",
        )
    memory = room.free.memory_mb + (room.more.memory_mb or 0) - taken.memory_mb
    cores = room.free.cores + (room.more.cores or 0) - taken.cores
    return Amount(max(memory, 0), max(cores, NOTHING.cores))
