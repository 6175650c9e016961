"""What is held of and for an LPAR: by whom, since when, until when by what is planned.

Locks are no rows of their own. They follow from what holds: a run that is not over, disks that a plan
holds, capacity that a surrogate takes, places at an HMC and a NIM master, those of a team when all are
taken. So none outlives its holder.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from inventory.models import Lpar
from liveupdate.models import DiskReservation, Request, Run
from liveupdate.records.reservations import reservations_on
from liveupdate.records.slots import Slots, slots_of
from liveupdate.states import RUN_LIVE
from portal.access.models import Team


@dataclass(frozen=True, slots=True)
class Lock:
    """One thing that is held; `kind` is lpar, disk, capacity or slot.

    `expected_until` is the end of the holder's change window, `run` the holder's run where there is one.
    `of_others` tells that it is held for another LPAR.
    """

    kind: str
    what: str
    request: Request
    run: Run | None
    since: datetime
    expected_until: datetime
    of_others: bool


def locks_of(lpar: Lpar) -> list[Lock]:
    """Everything that is held of an LPAR, and what others hold of the places and the capacity it needs."""
    runs = list(_runs_around(lpar))
    locks = [_by_run("lpar", f"{lpar} itself", run, lpar) for run in runs if run.lpar_id == lpar.pk]
    held = sorted(reservations_on(lpar, lpar.disks.all()), key=lambda row: (row.since, row.pk))
    locks += [_by_plan(row, lpar) for row in held]
    locks += [
        _by_run("capacity", share, run, lpar)
        for run in runs
        if run.lpar.managed_system_id == lpar.managed_system_id and (share := _share(run))
    ]
    places = list(slots_of(lpar, through_nim=True))
    for slots, takers in zip(places, _takers(places, runs), strict=True):
        locks += _by_slots(slots, takers, lpar)
    return locks


def _runs_around(lpar: Lpar) -> Iterator[Run]:
    same_place = Q(lpar__managed_system=lpar.managed_system_id) | Q(lpar__hmc=lpar.hmc_id)
    if lpar.nim_master_id is not None:
        same_place |= Q(lpar__nim_master=lpar.nim_master_id)
    same_place |= Q(lpar__team=lpar.team_id)
    live = Run.objects.filter(same_place, state__in=RUN_LIVE)
    related = ("request__team", "request__requester", "lpar__host", "lpar__managed_system")
    yield from live.select_related(*related).order_by("queued_at", "pk")


def _by_run(kind: str, what: str, run: Run, lpar: Lpar) -> Lock:
    since = run.started_at or run.queued_at
    return Lock(kind, what, run.request, run, since, run.request.ends_at, run.lpar_id != lpar.pk)


def _by_plan(row: DiskReservation, lpar: Lpar) -> Lock:
    what = f"{row.disk} as {row.role}"
    return Lock("disk", what, row.request, None, row.since, row.until, row.lpar_id != lpar.pk)


def _share(run: Run) -> str:
    """What a run's surrogate takes of its managed system; empty where it makes none."""
    memory, cores, system = run.surrogate_memory_mb, run.surrogate_cores, run.lpar.managed_system
    if memory is None or cores is None:
        return f"an unknown part of {system}"
    return f"{memory} MB and {cores.normalize():f} cores of {system}" if memory or cores else ""


def _by_slots(slots: Slots, takers: list[Run], lpar: Lpar) -> list[Lock]:
    if isinstance(slots.place, Team) and len(takers) < slots.most:
        return []
    what = f"1 of {slots.most} places {slots.where}"
    return [_by_run("slot", what, run, lpar) for run in takers]


def _takers(places: list[Slots], runs: list[Run]) -> list[list[Run]]:
    """Which of these runs take a place, for each of the places, by one query."""
    taken = {f"takes_{number}": slots.taken_by for number, slots in enumerate(places)}
    rows = Run.objects.filter(pk__in=[run.pk for run in runs]).annotate(**taken).values("pk", *taken)
    by_id = {row["pk"]: row for row in rows}
    return [[run for run in runs if run.pk in by_id and by_id[run.pk][name]] for name in taken]
