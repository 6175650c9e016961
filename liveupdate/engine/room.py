"""How many runs may be under way at once: each makes a second partition on its managed system, by its HMC.

A NIM master follows only so many at the same time, and no team takes all places from the others.
"""

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan

from inventory.models import Hmc, ManagedSystem, NimMaster
from liveupdate.models import Run, RunEvent
from liveupdate.records.slots import BEGUN, NIM, THROUGH_NIM, slots_of
from liveupdate.states import RunState
from portal.access.models import Team

ANY = Q()


def has_room() -> Q:
    """The condition on runs that one which has not begun finds a place wherever it needs one."""
    on_system = _below("managed_system", settings.PORTAL_RUNS_PER_SYSTEM)
    on_hmc = _below("hmc", settings.PORTAL_RUNS_PER_HMC)
    of_team = _below("team", settings.PORTAL_RUNS_PER_TEAM)
    through_master = _below("nim_master", F("lpar__nim_master__runs_at_once"), THROUGH_NIM)
    return ~Q(state=RunState.QUEUED) | Q(on_system, on_hmc, of_team) & (~THROUGH_NIM | Q(through_master))


def _below(place: str, limit: int | F, counted: Q = ANY) -> LessThan:
    same = {f"lpar__{place}": OuterRef(f"lpar__{place}")}
    others = Run.objects.filter(BEGUN, counted, **same).exclude(pk=OuterRef("pk"))
    counts = others.order_by().values(f"lpar__{place}").annotate(count=Count("pk")).values("count")
    return LessThan(Coalesce(Subquery(counts), 0), limit)


def hold_room(run_id: int) -> None:
    """Let no other run begin at the same place until the caller's transaction ends."""
    place = {"lpars__runs": run_id, "lpars__runs__state": RunState.QUEUED}
    for model in (Hmc, ManagedSystem, NimMaster, Team):
        held = model._default_manager.select_for_update(of=("self",), no_key=True)
        list(held.filter(**place).values_list("pk"))


def say_what_is_full(run_id: int) -> None:
    """Write beside a run that waits for room what it waits for, once."""
    waiting = Run.objects.filter(~has_room(), pk=run_id, owner="").select_related(
        "lpar__managed_system", "lpar__hmc__host", "lpar__nim_master__host", "lpar__team", "plan"
    )
    for run in waiting:
        reason = " ".join(
            f"{count} runs {slots.where} are under way, at most {slots.most} may be: it begins when one "
            "has ended."
            for slots in slots_of(run.lpar, through_nim=run.plan.procedure.startswith(NIM))
            if (count := Run.objects.filter(slots.taken_by).count()) >= slots.most
        )
        say_why_it_waits(run, reason)


def say_why_it_waits(run: Run, reason: str) -> None:
    """Write beside a run that no worker holds what it waits for, once."""
    if reason != run.reason:
        Run.objects.filter(pk=run.pk).update(reason=reason)
        data = {"state": RunState(run.state).value, "reason": reason, "outcome": ""}
        RunEvent.objects.create(run=run, kind=RunEvent.Kind.STATE, data=data)
