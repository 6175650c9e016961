"""What a person decides about what a discovery found: take it in, leave it out, retire what is gone."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from inventory.actions.taking import same_lpar, take
from inventory.facts.base import HostKind
from inventory.imports.schema import FORMATS, HINTS, NAME
from inventory.lpar_state import enter_lpar_change
from inventory.models import Credential, Discovered, Hmc, Host, Lpar, ManagedSystem, NimMaster
from portal.access.models import Team, User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid

DECIDABLE = (Discovered.Decision.OPEN, Discovered.Decision.REFUSED)
"""What was refused may be taken in after all."""


@dataclass(frozen=True, slots=True)
class HostEntry:
    """How the portal is to reach a new LPAR, and whose it is. The host's key waits for acceptance."""

    team: Team
    environment: str
    credential: Credential
    account: str = "root"
    port: int = 22
    application: str = ""
    nim_master: NimMaster | None = None
    name: str = ""
    address: str = ""


def accept(person: User, item_id: int, entry: HostEntry | None = None) -> Discovered:
    """Take what was found into the inventory; what is gone is retired. A new LPAR needs `entry`.

    Name and address of a new LPAR are proposed (`proposed_name`, the address that RMC uses) where the
    entry has none. Raises NotAllowed, Invalid for an entry that cannot be, and Conflict for what is
    decided, told otherwise by a later discovery, or not so any more.
    """
    require(person, {Role.ADMINISTRATOR}, None, "decide on what a discovery found")
    actor = Actor.person(person.public_id)
    with transaction.atomic():
        item = _decidable(item_id)
        if item.kind == Discovered.Kind.LPAR and item.change == Discovered.Change.NEW:
            enter_lpar_change(_take_new_lpar(item, entry), None, actor)
        else:
            take(item, actor)
        _decide(item, Discovered.Decision.ACCEPTED, person)
    return item


def accept_all(person: User, item_ids: Sequence[int], entry: HostEntry | None = None) -> int:
    """Accept several, or none if one cannot be; returns how many."""
    with transaction.atomic():
        return len([accept(person, item_id, entry) for item_id in item_ids])


def refuse(person: User, item_ids: Sequence[int]) -> int:
    """Leave the inventory as it is; what is found again just so stays refused. Raises as `accept`."""
    require(person, {Role.ADMINISTRATOR}, None, "decide on what a discovery found")
    with transaction.atomic():
        for item_id in item_ids:
            item = _decidable(item_id)
            if item.decision == Discovered.Decision.OPEN:
                _decide(item, Discovered.Decision.REFUSED, person)
    return len(item_ids)


def proposed_name(item: Discovered, taken: bool) -> str:
    """What a new LPAR's host may be called: as its partition, with the serial number where that is taken."""
    fitting = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in item.name)
    fitting = fitting.strip("-._") or f"lpar-{item.after['lpar_id']}"
    return f"{fitting}-{item.after['managed_system']}" if taken else fitting


def _decidable(item_id: int) -> Discovered:
    rows = Discovered.objects.select_for_update(of=("self",)).select_related("discovery__host__hmc")
    item = rows.filter(pk=item_id).first()
    if item is None:
        raise Invalid("There is no such finding of a discovery.", code="not_found")
    if item.decision not in DECIDABLE:
        raise Conflict(
            f"{item.name}: {item.get_decision_display()}.",
            remedy="Look at the newest discovery of this host.",
            code="decided",
        )
    later = Discovered.objects.filter(kind=item.kind, identity=item.identity, pk__gt=item.pk)
    if later.exists():
        raise Conflict(
            f"A later discovery has found {item.name} too.",
            remedy="Decide on the newest discovery's page.",
            code="seen_since",
        )
    return item


def _decide(item: Discovered, decision: Discovered.Decision, person: User) -> None:
    item.decision, item.decided_by, item.decided_at = decision, person, now()
    item.save(update_fields=["decision", "decided_by", "decided_at"])
    record(
        Event.INVENTORY_CHANGE,
        Actor.person(person.public_id),
        {"host": item.discovery.host.name, "identity": item.identity},
        {
            "discovery": item.discovery_id,
            "kind": item.kind,
            "name": item.name,
            "what": item.change,
            "decision": decision.value,
            "fields": sorted(item.after),
        },
    )


def _take_new_lpar(item: Discovered, entry: HostEntry | None) -> Lpar:
    if entry is None:
        raise Invalid(
            f"{item.name} is new: it needs a team, an account and a credential.", code="value_missing"
        )
    after = item.after
    system = ManagedSystem.objects.select_for_update().get(serial=after["managed_system"])
    known = same_lpar(system, after["uuid"], after["logical_serial"], item.name)
    if known is not None:
        raise Conflict(f"{item.name} is in the inventory already, as {known}.", code="exists_already")
    hmc: Hmc = item.discovery.host.hmc
    lpar = Lpar.objects.create(
        host=_new_host(item, entry),
        uuid=after["uuid"],
        logical_serial=after["logical_serial"],
        lpar_id=after["lpar_id"],
        partition_name=item.name,
        partition_state=after["state"][:40],
        rmc_state=after["rmc_state"][:20],
        memory_mb=after["memory_mb"],
        cores=after["cores"],
        managed_system=system,
        hmc=hmc,
        nim_master=entry.nim_master,
        team=entry.team,
        environment=_formatted("environment", entry.environment),
        application=entry.application,
        seen_at=item.discovery.ended_at,
    )
    item.row = lpar.pk
    item.save(update_fields=["row"])
    return lpar


def _new_host(item: Discovered, entry: HostEntry) -> Host:
    name = entry.name or _free_name(item)
    address = entry.address or item.after["address"]
    if not address:
        raise Invalid(
            f"The HMC knows no address of {item.name}: RMC does not reach it.",
            remedy="Open this finding by itself and enter its address.",
            code="no_address",
        )
    if not NAME.fullmatch(name):
        raise Invalid(
            f"{name!r} is not a name of a host: letters, digits, dots and dashes.", code="value_not_possible"
        )
    if Host.objects.filter(name=name).exists():
        raise Conflict(
            f"Another host is called {name}.", remedy="Give this one another name.", code="exists_already"
        )
    return Host.objects.create(
        name=name,
        kind=HostKind.LPAR,
        address=_formatted("address", address),
        port=entry.port,
        account=_formatted("account", entry.account),
        credential=entry.credential,
    )


def _free_name(item: Discovered) -> str:
    name = proposed_name(item, taken=False)
    return proposed_name(item, taken=True) if Host.objects.filter(name=name).exists() else name


def _formatted(column: str, value: str) -> str:
    """A value in the format that an import asks for. Raises Invalid."""
    is_good, why = FORMATS[column]
    if not is_good(value):
        raise Invalid(f"{value!r} {why}.", remedy=HINTS.get(column, ""), code="value_not_possible")
    return value
