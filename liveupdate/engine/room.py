"""How many runs may be under way at once: each makes a second partition on its managed system, by its HMC."""

from django.conf import settings
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan

from inventory.models import Hmc, ManagedSystem
from liveupdate.models import Run, RunEvent
from liveupdate.states import RUN_LIVE, RunState

BEGUN = Q(state__in=RUN_LIVE - {RunState.QUEUED}) | Q(state=RunState.QUEUED) & ~Q(owner="")
"""Runs that may hold capacity: also those that wait for a person, because nobody knows what they hold."""


def has_room() -> Q:
    """The condition on runs that one which has not begun finds a place on its managed system and its HMC."""
    on_system = _below("managed_system", settings.PORTAL_RUNS_PER_SYSTEM)
    on_hmc = _below("hmc", settings.PORTAL_RUNS_PER_HMC)
    return ~Q(state=RunState.QUEUED) | Q(on_system, on_hmc)


def _below(place: str, limit: int) -> LessThan:
    same = {f"lpar__{place}": OuterRef(f"lpar__{place}")}
    others = Run.objects.filter(BEGUN, **same).exclude(pk=OuterRef("pk"))
    counts = others.order_by().values(f"lpar__{place}").annotate(count=Count("pk")).values("count")
    return LessThan(Coalesce(Subquery(counts), 0), limit)


def hold_room(run_id: int) -> None:
    """Let no other run begin at the same place until the caller's transaction ends."""
    place = {"lpars__runs": run_id, "lpars__runs__state": RunState.QUEUED}
    for model in (Hmc, ManagedSystem):
        list(model._default_manager.select_for_update(of=("self",)).filter(**place).values_list("pk"))


def say_what_is_full(run_id: int) -> None:
    """Write beside a run that waits for room what it waits for, once."""
    waiting = Run.objects.filter(~has_room(), pk=run_id, owner="").select_related(
        "lpar__managed_system", "lpar__hmc__host"
    )
    for run in waiting:
        system, hmc, others = run.lpar.managed_system, run.lpar.hmc, Run.objects.filter(BEGUN)
        on_system = others.filter(lpar__managed_system=system).count()
        by_hmc = others.filter(lpar__hmc=hmc).count()
        counted = (
            (system, on_system, settings.PORTAL_RUNS_PER_SYSTEM),
            (hmc, by_hmc, settings.PORTAL_RUNS_PER_HMC),
        )
        reason = " ".join(
            f"{count} runs are under way on {place}, at most {limit} may be: it begins when one has ended."
            for place, count, limit in counted
            if count >= limit
        )
        if reason != run.reason:
            Run.objects.filter(pk=run.pk).update(reason=reason)
            data = {"state": RunState.QUEUED.value, "reason": reason, "outcome": ""}
            RunEvent.objects.create(run=run, kind=RunEvent.Kind.STATE, data=data)
