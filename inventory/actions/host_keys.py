"""Host keys: note what a host showed, accept a key as a person."""

from django.db import transaction

from inventory.models import Host, HostKey
from inventory.transport.errors import HostKeyChanged, HostKeyUnknown
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict


def note_host_key(host: Host, error: HostKeyUnknown | HostKeyChanged, actor: Actor) -> None:
    """Keep the key that a host showed, for a person to look at; entered in the ledger once per key."""
    changed = isinstance(error, HostKeyChanged)
    state = HostKey.State.CHANGED if changed else HostKey.State.PENDING
    with transaction.atomic():
        key, is_new = HostKey.objects.get_or_create(
            host=host,
            fingerprint=error.fingerprint,
            defaults={"key_type": error.key_type, "state": state},
        )
        if not is_new and key.state == state:
            return
        key.state = state
        key.save(update_fields=["state"])
        record(
            Event.HOSTKEY_CHANGE if changed else Event.HOSTKEY_REJECT,
            actor,
            {"host": host.name},
            {"fingerprint": error.fingerprint, "key_type": error.key_type, "state": state.value},
        )


def accept_host_key(key_id: int, person: User) -> HostKey:
    """Pin a key that waits for a person; the key pinned before is retired.

    Raises NotAllowed, Conflict when the key is pinned already.
    """
    require(person, {Role.ADMINISTRATOR}, None, "accept host keys")
    with transaction.atomic():
        key = HostKey.objects.select_for_update().select_related("host").get(pk=key_id)
        if key.state == HostKey.State.PINNED:
            raise Conflict(
                f"The key {key.fingerprint} of {key.host} is accepted already.", code="exists_already"
            )
        retired = list(key.host.keys.filter(state=HostKey.State.PINNED))
        for old in retired:
            old.state = HostKey.State.RETIRED
            old.save(update_fields=["state"])
        key.state = HostKey.State.PINNED
        key.accepted_by = person
        key.accepted_at = now()
        key.save(update_fields=["state", "accepted_by", "accepted_at"])
        record(
            Event.HOSTKEY_PIN,
            Actor.person(person.public_id),
            {"host": key.host.name},
            {"fingerprint": key.fingerprint, "by": "person", "retired": [old.fingerprint for old in retired]},
        )
    return key
