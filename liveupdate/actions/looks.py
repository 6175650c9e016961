"""Look at an LPAR: read its facts, judge its readiness, keep both."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import LessThan

from inventory.actions.facts import Also, refresh_facts
from inventory.facts.base import FactSet
from inventory.models import Hmc, Lpar
from inventory.policies import visible_lpars
from liveupdate.actions.errands import free, held
from liveupdate.actions.outside_changes import keep_snapshot
from liveupdate.actions.schedules import set_next_turn
from liveupdate.actions.verdicts import judge
from liveupdate.dispatch import ring, ring_on_commit
from liveupdate.readiness.catalogue import Assessment
from portal.access.models import User
from portal.audit.actor import Actor
from portal.lib.errors import Invalid

ASKED = Q(look_asked_at__isnull=False) & (Q(look_asked_at__gt=F("facts_read_at")) | Q(facts_read_at=None))
"""LPARs whose facts nobody has read since somebody asked for that."""
DUE = Q(next_look_at__lte=Now())
"""LPARs whose turn by their refresh schedule has come."""
AMONG = 500
"""The oldest of those that wait are looked through for some whose HMC has room."""
AGAIN_AFTER = timedelta(minutes=10)
"""After a look that the portal itself broke off."""


def ask_for_look(person: User, lpar_id: int) -> None:
    """Have a worker read an LPAR's facts anew. Raises Invalid for an LPAR one may not see."""
    with transaction.atomic():
        if not visible_lpars(person).filter(pk=lpar_id).update(look_asked_at=Now()):
            raise Invalid("There is no such LPAR among those you may see.", code="not_found")
        ring_on_commit("look", lpar_id)


def waiting_looks() -> list[int]:
    """LPARs to look at now: those asked for first, then by how long their turn has been due.

    No more than may be read at once, in all and by one HMC.
    """
    busy = Counter(dict(_under_way().values_list("hmc").annotate(looks=Count("pk"))))
    room, limit = settings.PORTAL_LOOKS_AT_ONCE - busy.total(), settings.PORTAL_LOOKS_PER_HMC
    full = [hmc for hmc, looks in busy.items() if looks >= limit]
    waiting = Lpar.objects.in_service().filter(ASKED | DUE, free("looking_until")).exclude(hmc__in=full)
    asked_at = Case(When(ASKED, then=F("look_asked_at")))
    in_turn = waiting.order_by(asked_at.asc(nulls_last=True), F("next_look_at").asc(nulls_last=True))
    chosen: list[int] = []
    for pk, hmc in in_turn.values_list("pk", "hmc")[:AMONG] if room > 0 else ():
        if busy[hmc] < limit and len(chosen) < room:
            busy[hmc] += 1
            chosen.append(pk)
    return chosen


def do_look(lpar_id: int, worker: str) -> None:
    """Look at an LPAR if it still waits for that and there is room; of several workers one does it."""
    with _one_of_few(Lpar.objects.filter(ASKED | DUE, pk=lpar_id), lpar_id) as is_mine:
        if not is_mine:
            return
        try:
            look_at(lpar_with_hosts(lpar_id), Actor.worker(worker))
        except Exception:
            Lpar.objects.filter(DUE, pk=lpar_id).update(next_look_at=Now() + AGAIN_AFTER)
            raise
    for waiting in waiting_looks()[:1]:
        ring("look", waiting)


def look_in_turn(lpar_id: int, actor: Actor) -> tuple[FactSet, Assessment] | None:
    """Look at an LPAR now; None while there is no room or somebody else looks at it."""
    with _one_of_few(Lpar.objects.filter(pk=lpar_id), lpar_id) as is_mine:
        return look_at(lpar_with_hosts(lpar_id), actor) if is_mine else None


def look_at(lpar: Lpar, actor: Actor, also: Also | None = None) -> tuple[FactSet, Assessment]:
    """Read the facts now and judge them for a Live Update in general; keeps verdict and findings.

    `also` are values that a request names and that facts are to be read for.
    """
    facts = refresh_facts(lpar, actor, also)
    keep_snapshot(lpar, facts, actor)
    assessment = judge(lpar, facts)
    set_next_turn(lpar)
    return facts, assessment


def lpar_with_hosts(lpar_id: int) -> Lpar:
    """An LPAR with everything that a look at it needs."""
    credentials = ("host__credential", "hmc__host__credential", "nim_master__host__credential")
    related = (*credentials, "managed_system", "powervc__client_credential", "team")
    return Lpar.objects.select_related(*related).get(pk=lpar_id)


def named_lpar(name: str) -> Lpar:
    """The LPAR of this name with everything that a look at it needs. Raises Invalid."""
    found = Lpar.objects.filter(host__name=name).values_list("pk", flat=True).first()
    if found is None:
        raise Invalid(
            f"There is no LPAR {name}.", remedy="manage.py import_hosts brings hosts in.", code="unknown_name"
        )
    return lpar_with_hosts(found)


@contextmanager
def _one_of_few(rows: QuerySet[Lpar], lpar_id: int) -> Iterator[bool]:
    """Hold `rows` (at most one) for a look, if there is room for one more; let go when it is done."""
    hmc = Hmc.objects.filter(lpars=lpar_id)
    others = _under_way().exclude(pk=OuterRef("pk")).order_by()
    with_same = others.filter(hmc=OuterRef("hmc")).values("hmc").annotate(looks=Count("pk")).values("looks")
    room = Q(LessThan(Coalesce(Subquery(with_same), 0), settings.PORTAL_LOOKS_PER_HMC))
    with held(
        rows.filter(room), "looking_until", lambda: hmc.select_for_update(of=("self",)).first()
    ) as mine:
        try:
            yield mine
        finally:
            if mine:
                Lpar.objects.filter(pk=lpar_id).update(looking_until=None)


def _under_way() -> QuerySet[Lpar]:
    return Lpar.objects.filter(looking_until__gt=Now())
