"""What the surrogates of runs and approved requests take of a managed system, by the database."""

from decimal import Decimal

from django.db.models import Q, QuerySet
from django.urls import reverse

from inventory.actions.readings import reading_of
from inventory.facts.base import FactMissing, FactSet
from inventory.facts.hmc.lpars import LPARS
from inventory.facts.hmc.memory_lpar import MEMORY_LPAR
from inventory.facts.hmc.processors_lpar import PROCESSORS_LPAR
from inventory.models import FactReading, Lpar, ManagedSystem
from liveupdate.control.reasons import Reason
from liveupdate.lpar.capacity import Capacity, Need, need_of, shortage, surrogates_started
from liveupdate.lpar.surrogate import Amount, Reservation
from liveupdate.models import Request, Run
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.states import RUN_LIVE, RequestState


def reserve(run: Run, capacity: Capacity) -> None:
    """Give a run that is about to be queued what its surrogate needs, or raise Conflict saying why not.

    Nobody else reserves on the same managed system until the caller's transaction ends.
    """
    list(ManagedSystem.objects.select_for_update(of=("self",)).filter(lpars=run.lpar_id))
    if reason := why_no_room(run.lpar_id, capacity):
        raise reason.conflict()
    amount = capacity.need.amount
    run.surrogate_memory_mb, run.surrogate_cores = amount.memory_mb, amount.cores


def why_no_room(lpar_id: int, capacity: Capacity) -> Reason | None:
    """Why an LPAR's surrogate finds no room on its managed system beside those of other runs."""
    place = ManagedSystem.objects.get(lpars=lpar_id)
    others = runs_on(place.pk).exclude(lpar_id=lpar_id)
    shortfall = shortage(capacity, reservations_of(others, started=capacity.room.started))
    if not shortfall:
        return None
    return Reason(
        "no_room",
        f"{place} has no room: {shortfall}",
        "It starts when capacity is free; other updates there give theirs back at their end.",
        link=reverse("system-capacity", args=[place.pk]),
    )


def neighbours(lpar: Lpar, facts: FactSet, request: Request | None) -> tuple[Reservation, ...]:
    """The surrogates that one of this LPAR may meet: of runs, and of what is approved for the same time."""
    system = lpar.managed_system
    started = frozenset[str]().union(*(surrogates_started(facts, name) for name in facts.keys(LPARS)))
    under_way = reservations_of(runs_on(system.pk).exclude(lpar=lpar), started=started)
    if request is None:
        return under_way
    same_time = Q(starts_at__lt=request.ends_at, ends_at__gt=request.starts_at)
    approved = approved_on(system.pk).filter(same_time).exclude(lpar=lpar)
    return (*under_way, *wanted_by(approved))


def runs_on(*systems: int) -> QuerySet[Run]:
    """The runs on managed systems that are not over, oldest first."""
    live = Run.objects.filter(lpar__managed_system__in=systems, state__in=RUN_LIVE)
    return live.select_related("lpar__host", "request").order_by("pk")


def approved_on(*systems: int) -> QuerySet[Request]:
    """The approved requests that will make a surrogate on managed systems, the next first."""
    moving = [name for name, procedure in PROCEDURES.items() if procedure.moves_workload]
    approved = Request.objects.filter(
        lpar__managed_system__in=systems, state=RequestState.APPROVED, procedure__in=moving
    )
    return approved.select_related("lpar__host", "lpar__managed_system").order_by("starts_at", "pk")


def reservations_of(runs: QuerySet[Run], *, started: frozenset[str] = frozenset()) -> tuple[Reservation, ...]:
    """What runs have reserved, but for those whose surrogate counts as used already."""
    return tuple(
        Reservation(f"{run.request} ({run.lpar})", reserved(run))
        for run in runs
        if run.lpar.name not in started
    )


def wanted_by(requests: QuerySet[Request]) -> tuple[Reservation, ...]:
    """What the surrogates of requests will need, by the newest answers of the HMC."""
    asked = list(requests)
    needs = needs_of([request.lpar for request in asked])
    return tuple(
        Reservation(f"{request} ({request.lpar})", need.amount if need else None)
        for request in asked
        for need in [needs[request.lpar_id]]
    )


def needs_of(lpars: list[Lpar]) -> dict[int, Need | None]:
    """What the surrogate of each LPAR would need; None where nobody knows. One query."""
    facts: dict[int, FactSet] = {lpar.host_id: FactSet() for lpar in lpars}
    names = (MEMORY_LPAR.name, PROCESSORS_LPAR.name)
    rows = FactReading.objects.filter(subject__in=facts, current=True, fact__in=names)
    for row in rows.select_related("host") if facts else ():
        facts[row.subject_id].add(reading_of(row))
    return {lpar.pk: need_by(facts[lpar.host_id]) for lpar in lpars}


def need_by(facts: FactSet) -> Need | None:
    """The need by the one key under which an LPAR's memory was read (`SYSTEM,PARTITION`)."""
    try:
        for key in facts.keys(MEMORY_LPAR):
            system, _, partition = key.partition(",")
            return need_of(facts, system, partition)
    except FactMissing:
        return None
    return None


def reserved(run: Run) -> Amount | None:
    """What a run has reserved; None where nobody knows how much its surrogate takes."""
    if run.surrogate_memory_mb is None or run.surrogate_cores is None:
        return None
    return Amount(run.surrogate_memory_mb, Decimal(run.surrogate_cores))
