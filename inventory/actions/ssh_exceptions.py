"""Exceptions from the floor of SSH algorithms: for one host, with a reason, in the ledger (threat T5)."""

from collections.abc import Sequence

from django.db import transaction

from inventory.models import Host
from inventory.transport.algorithms import WEAK
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid


def set_ssh_exception(host_id: int, algorithms: Sequence[str], reason: str, person: User) -> Host:
    """Except a host for weak algorithms, or end its exception with none.

    Raises NotAllowed; Invalid for other algorithms or without a reason; Conflict where nothing changes.
    """
    require(person, {Role.ADMINISTRATOR}, None, "except a host from the floor of SSH algorithms")
    chosen = tuple(name for name in WEAK if name in algorithms)
    unknown = set(algorithms) - set(chosen)
    if unknown:
        raise Invalid(
            f"No exception can be made for {', '.join(sorted(unknown))}.", code="value_not_possible"
        )
    if chosen and not reason.strip():
        raise Invalid(
            "An exception needs its reason.", remedy="Say why, and until when.", code="reason_missing"
        )
    with transaction.atomic():
        host = Host.objects.select_for_update().get(pk=host_id)
        before = host.weak_algorithms
        if before == chosen:
            raise Conflict(f"{host} has that already.", code="exists_already")
        host.ssh_exceptions = " ".join(chosen)
        host.ssh_exception_reason = reason.strip()[:400] if chosen else ""
        host.ssh_excepted_by = person if chosen else None
        host.ssh_excepted_at = now() if chosen else None
        host.save(
            update_fields=["ssh_exceptions", "ssh_exception_reason", "ssh_excepted_by", "ssh_excepted_at"]
        )
        record(
            Event.ALGORITHM_ALLOW if chosen else Event.ALGORITHM_END,
            Actor.person(person.public_id),
            {"host": host.name},
            {"algorithms": list(chosen), "before": list(before), "reason": reason.strip()},
        )
    return host
