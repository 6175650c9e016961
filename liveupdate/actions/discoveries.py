"""Discoveries as errands: a person or a command asks, a worker does it, and of several workers one."""

from django.db import transaction
from django.db.models.functions import Now

from inventory.actions.discovery import UNDER_WAY, ask_discovery, discover
from inventory.models import Discovery, Host
from liveupdate.actions.errands import free, held
from liveupdate.dispatch import ring_on_commit
from portal.access.models import User
from portal.audit.actor import Actor
from portal.lib.errors import Conflict

BROKEN_OFF = "The portal itself broke off; its log says why. Nothing was kept."


def ask_for_discovery(person: User, host: Host) -> Discovery:
    """Have a worker discover what a host knows. Raises as `ask_discovery`."""
    with transaction.atomic():
        discovery = ask_discovery(host, person)
        ring_on_commit("discovery", discovery.pk)
    return discovery


def waiting_discoveries() -> list[int]:
    """Discoveries that somebody asked for and nobody does."""
    waiting = Discovery.objects.filter(free("doing_until"), state__in=UNDER_WAY)
    return list(waiting.order_by("asked_at").values_list("pk", flat=True))


def do_discovery(discovery_id: int, worker: str) -> None:
    """Do a discovery if it still waits for that."""
    _do(discovery_id, Actor.worker(worker))


def discover_now(host: Host, actor: Actor) -> Discovery:
    """Do a discovery here and now. Raises Conflict while a worker discovers the same host."""
    discovery = ask_discovery(host)
    _do(discovery.pk, actor)
    discovery.refresh_from_db()
    if discovery.state in UNDER_WAY:
        raise Conflict(
            f"A worker discovers {host} already.",
            remedy="Wait for it; its page has the result.",
            code="exists_already",
        )
    return discovery


def _do(discovery_id: int, actor: Actor) -> None:
    mine = Discovery.objects.filter(pk=discovery_id, state__in=UNDER_WAY)
    with held(mine, "doing_until") as is_mine:
        if is_mine:
            try:
                discover(Discovery.objects.select_related("host__credential").get(pk=discovery_id), actor)
            except Exception:
                mine.update(state=Discovery.State.FAILED, problem=BROKEN_OFF, ended_at=Now())
                raise
            finally:
                Discovery.objects.filter(pk=discovery_id).update(doing_until=None)
