"""Discoveries: ask for one, do it, end it."""

from collections.abc import Callable, Mapping

from django.db import transaction
from django.db.models import Count

from inventory.actions.console_discovery import discover_console
from inventory.actions.nim_discovery import discover_master
from inventory.facts.base import HostKind
from inventory.models import Discovered, Discovery, Host
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Invalid

MAY_ASK = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})
DISCOVERERS: Mapping[str, Callable[[Discovery, Actor], Callable[[], None]]] = {
    HostKind.HMC: discover_console,
    HostKind.NIM_MASTER: discover_master,
}
"""How each kind of host that knows of others is read; what is returned keeps it, in a transaction."""
MOST_SAID, MOST_LISTED = 1000, 200
"""Characters of a problem, and things that were taken, in one entry."""
UNDER_WAY = (Discovery.State.ASKED, Discovery.State.RUNNING)


def ask_discovery(host: Host, person: User | None = None, *, by: Actor | None = None) -> Discovery:
    """Open a discovery of what this host knows; one that waits or goes on already is it.

    Without a person it is a command on the portal's machine, or `by`. Raises NotAllowed, and Invalid for
    a kind of host that knows of no others.
    """
    if person is not None:
        require(person, MAY_ASK, None, "discover what hosts know")
    if host.kind not in DISCOVERERS:
        raise Invalid(
            f"{host} knows of no others: a {host.get_kind_display()} is not discovered.",
            code="not_discovered",
        )
    with transaction.atomic():
        Host.objects.select_for_update().get(pk=host.pk)
        waiting = Discovery.objects.filter(host=host, state__in=UNDER_WAY).first()
        if waiting is not None:
            return waiting
        discovery = Discovery.objects.create(host=host, asked_by=person, asked_at=now())
        actor = Actor.person(person.public_id) if person else by or Actor.command("discover")
        record(Event.DISCOVERY_ASK, actor, {"host": host.name}, {"discovery": discovery.pk})
    return discovery


def discover(discovery: Discovery, actor: Actor) -> None:
    """Do a discovery and keep what it found, with an entry that says how it ended."""
    discovery.state = Discovery.State.RUNNING
    discovery.save(update_fields=["state"])
    keep = DISCOVERERS[discovery.host.kind](discovery, actor)
    with transaction.atomic():
        keep()
        discovery.ended_at = now()
        discovery.save(update_fields=["state", "problem", "ended_at", "commands", "found"])
        _enter(discovery, actor)


def _enter(discovery: Discovery, actor: Actor) -> None:
    items = discovery.items.all()
    taken = [
        {"kind": item.kind, "identity": item.identity, "what": item.change, "fields": sorted(item.after)}
        for item in items.filter(decision=Discovered.Decision.ACCEPTED)
    ]
    record(
        Event.DISCOVERY_END,
        actor,
        {"host": discovery.host.name},
        {
            "discovery": discovery.pk,
            "state": discovery.state,
            "problem": discovery.problem[:MOST_SAID],
            "commands": discovery.commands,
            "found": dict(items.order_by().values_list("change").annotate(count=Count("pk"))),
            "taken": taken[:MOST_LISTED],
            "taken_total": len(taken),
        },
    )
