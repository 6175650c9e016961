"""Locks as pages show them: with a link where the person may see the holder."""

from collections.abc import Iterable
from dataclasses import dataclass

from inventory.models import Lpar
from liveupdate.policies import visible_requests
from liveupdate.records.locks import Lock, locks_of
from portal.access.policies import Person


@dataclass(frozen=True, slots=True)
class LockRow:
    """A lock and the address of its holder's page; empty where the person may not see it."""

    lock: Lock
    link: str


def lock_rows(person: Person, lpar: Lpar, *, besides: int | None = None) -> list[LockRow]:
    """The locks around an LPAR; those of the request `besides` are left out."""
    return list(_linked(person, [lock for lock in locks_of(lpar) if lock.request.pk != besides]))


def _linked(person: Person, locks: list[Lock]) -> Iterable[LockRow]:
    holders = visible_requests(person).filter(pk__in={lock.request.pk for lock in locks})
    seen = set(holders.values_list("pk", flat=True))
    for lock in locks:
        holder = lock.run or lock.request
        yield LockRow(lock, holder.get_absolute_url() if lock.request.pk in seen else "")
