"""Look at an LPAR: read its facts, judge its readiness, keep both."""

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from inventory.actions.facts import refresh_facts
from inventory.facts.base import FactSet
from inventory.models import Lpar
from inventory.policies import visible_lpars
from liveupdate.actions.errands import free, held
from liveupdate.actions.verdicts import judge
from liveupdate.dispatch import ring_on_commit
from liveupdate.readiness.catalogue import Assessment
from portal.access.models import User
from portal.audit.actor import Actor
from portal.lib.errors import Invalid

UNREAD = Q(look_asked_at__gt=F("facts_read_at")) | Q(facts_read_at=None)
"""LPARs whose facts nobody has read since somebody asked for that."""


def ask_for_look(person: User, lpar_id: int) -> None:
    """Have a worker read an LPAR's facts anew. Raises Invalid for an LPAR one may not see."""
    with transaction.atomic():
        if not visible_lpars(person).filter(pk=lpar_id).update(look_asked_at=Now()):
            raise Invalid("There is no such LPAR among those you may see.", code="not_found")
        ring_on_commit("look", lpar_id)


def waiting_looks() -> list[int]:
    """LPARs that somebody asked to look at and nobody does."""
    asked = Lpar.objects.filter(UNREAD, free("looking_until")).exclude(look_asked_at=None)
    return list(asked.values_list("pk", flat=True))


def do_look(lpar_id: int, worker: str) -> None:
    """Look at an LPAR if it still waits for that; of several workers one does it."""
    with held(Lpar.objects.filter(UNREAD, pk=lpar_id), "looking_until") as is_mine:
        if is_mine:
            try:
                look_at(lpar_with_hosts(lpar_id), Actor.worker(worker))
            finally:
                Lpar.objects.filter(pk=lpar_id).update(looking_until=None)


def look_at(lpar: Lpar, actor: Actor) -> tuple[FactSet, Assessment]:
    """Read the facts now and judge them for a Live Update in general; keeps verdict and findings."""
    facts = refresh_facts(lpar, actor)
    return facts, judge(lpar, facts)


def lpar_with_hosts(lpar_id: int) -> Lpar:
    """An LPAR with everything that a look at it needs."""
    related = ("host__credential", "hmc__host__credential", "managed_system", "nim_master__host", "team")
    return Lpar.objects.select_related(*related).get(pk=lpar_id)


def named_lpar(name: str) -> Lpar:
    """The LPAR of this name with everything that a look at it needs. Raises Invalid."""
    found = Lpar.objects.filter(host__name=name).values_list("pk", flat=True).first()
    if found is None:
        raise Invalid(f"There is no LPAR {name}.", remedy="manage.py import_hosts brings hosts in.")
    return lpar_with_hosts(found)
