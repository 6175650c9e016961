"""Host keys: note what a host showed, propose and accept a key as a person."""

from collections.abc import Mapping

from django.db import transaction

from inventory.models import Host, HostKey
from inventory.policies import administers
from inventory.transport.errors import HostKeyChanged, HostKeyUnknown
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict, NotAllowed


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
        key.state, key.proposed_by, key.proposed_at = state, None, None
        key.save(update_fields=["state", "proposed_by", "proposed_at"])
        record(
            Event.HOSTKEY_CHANGE if changed else Event.HOSTKEY_REJECT,
            actor,
            {"host": host.name},
            {"fingerprint": error.fingerprint, "key_type": error.key_type, "state": state.value},
        )


def propose_host_key(key_id: int, person: User) -> HostKey:
    """Propose a key that is to replace the accepted one; it stays blocked until somebody else accepts it.

    Raises NotAllowed; Conflict where one person is enough, or the key is accepted or proposed already.
    """
    require(person, {Role.ADMINISTRATOR}, None, "propose host keys")
    with transaction.atomic():
        key = _waiting(key_id)
        if not replaces(key):
            raise Conflict(
                f"{key.host} has no accepted key yet, so its first needs no proposal.",
                remedy="Accept the key.",
                code="needs_no_proposal",
            )
        if has_proposer(key):
            raise Conflict(
                f"The key {key.fingerprint} is proposed by {key.proposed_by} already.", code="exists_already"
            )
        key.proposed_by, key.proposed_at = person, now()
        key.save(update_fields=["proposed_by", "proposed_at"])
        _enter(Event.HOSTKEY_PROPOSE, key, person, {})
    return key


def accept_host_key(key_id: int, person: User) -> HostKey:
    """Pin a key that waits for a person; the key pinned before is retired.

    The first key of a host is one person's act. One that replaces another has to be proposed by somebody
    else before, who still is an administrator (threat T4). Raises NotAllowed, Conflict.
    """
    require(person, {Role.ADMINISTRATOR}, None, "accept host keys")
    with transaction.atomic():
        key = _waiting(key_id)
        if replaces(key):
            _require_second(key, person)
        retired = list(key.host.keys.filter(state=HostKey.State.PINNED))
        for old in retired:
            old.state, old.proposed_by, old.proposed_at = HostKey.State.RETIRED, None, None
            old.save(update_fields=["state", "proposed_by", "proposed_at"])
        key.state = HostKey.State.PINNED
        key.accepted_by = person
        key.accepted_at = now()
        key.save(update_fields=["state", "accepted_by", "accepted_at"])
        said: dict[str, object] = {"by": "person", "retired": [old.fingerprint for old in retired]}
        if key.proposed_by:
            said["proposed_by"] = f"user:{key.proposed_by.public_id}"
        _enter(Event.HOSTKEY_PIN, key, person, said)
    return key


def replaces(key: HostKey) -> bool:
    """Whether the host has or had an accepted key, so that another one is a change."""
    return key.host.keys.filter(state__in=HostKey.ONCE_PINNED).exists()


def has_proposer(key: HostKey) -> bool:
    """Whether somebody who is an administrator still proposed the key."""
    return key.proposed_by is not None and administers(key.proposed_by)


def _require_second(key: HostKey, person: User) -> None:
    if not has_proposer(key):
        raise Conflict(
            f"{key.host} has another accepted key; replacing it takes two administrators.",
            remedy="Propose the key, then let another administrator accept it.",
            code="not_proposed",
        )
    if key.proposed_by_id == person.pk:
        raise NotAllowed(
            "You proposed this key; somebody else has to accept it.",
            remedy="Ask another administrator to compare the fingerprint on the host.",
            code="own_proposal",
        )


def _waiting(key_id: int) -> HostKey:
    """The key, its host locked so that two decisions about one host follow each other."""
    key = HostKey.objects.select_related("proposed_by").get(pk=key_id)
    key.host = Host.objects.select_for_update().get(pk=key.host_id)
    key.refresh_from_db(fields=["state", "proposed_by", "proposed_at"])
    if key.state == HostKey.State.PINNED:
        raise Conflict(f"The key {key.fingerprint} of {key.host} is accepted already.", code="exists_already")
    return key


def _enter(event: Event, key: HostKey, person: User, said: Mapping[str, object]) -> None:
    subject = {"host": key.host.name}
    record(event, Actor.person(person.public_id), subject, {"fingerprint": key.fingerprint, **said})
