"""The inbox of decisions: what waits for whom, equal plans together, the next deadline first."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from liveupdate.control.likeness import own_values
from liveupdate.models import Plan, Request
from liveupdate.pages.conversation import Said, decided
from liveupdate.queries import decided_by, judged, own_requests
from portal.access.models import User
from portal.lib.clock import now

SOON = timedelta(hours=12)
"""A request whose change window ends within this expires soon."""
SHELVES = {
    "waiting": "Waiting for me",
    "others": "For others",
    "expiring": "Expiring",
    "decided": "Decided by me",
    "mine": "My requests",
}
NOTHING = {
    "waiting": "Nothing waits for your decision.",
    "others": "Nothing waits for others.",
    "expiring": "Nothing expires soon.",
    "decided": "You have decided nothing yet.",
    "mine": "Nothing that you asked for is open.",
}
"""What an empty shelf says."""
MOST_DECIDED = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """Requests whose plans are equal but for their target, or one alone.

    `why_not` says why this person does not decide; `said` is their own decision, where there is one.
    `beside` is a request of a group that asks for the same and has another plan.
    """

    requests: tuple[Request, ...]
    why_not: str = ""
    said: Said | None = None
    beside: Request | None = None

    @property
    def first(self) -> Request:
        """The one that is read for all."""
        return self.requests[0]

    @property
    def expires_soon(self) -> bool:
        """Whether little time is left to decide on the first."""
        return self.first.ends_at <= now() + SOON

    @property
    def others(self) -> int:
        """How many are like it."""
        return len(self.requests) - 1

    @property
    def address(self) -> str:
        """What opens it, beside the group that it stands out from."""
        against = f"&against={self.beside.plan_id}" if self.beside else ""
        return f"open={self.first.pk}{against}"


@dataclass(frozen=True, slots=True)
class Inbox:
    """The entries of every shelf."""

    shelves: dict[str, list[Entry]]

    def count(self, shelf: str) -> int:
        """How many requests lie on a shelf."""
        return sum(len(entry.requests) for entry in self.shelves[shelf])

    def entry_of(self, request_id: int) -> Entry | None:
        """The entry that holds a request, of those that wait for this person first."""
        for entries in self.shelves.values():
            for entry in entries:
                if any(request.pk == request_id for request in entry.requests):
                    return entry
        return None

    def after(self, request_id: int) -> Request | None:
        """What waits next for this person, after a request that was decided."""
        left = [entry.first for entry in self.shelves["waiting"] if entry.first.pk != request_id]
        return left[0] if left else None


def inbox_of(person: User) -> Inbox:
    """Everything that this person decides, decided or asked for."""
    reasons = judged(person)
    mine = [request for request, reason in reasons.items() if not reason]
    alone = [Entry((request,), reason) for request, reason in reasons.items()]
    return Inbox(
        {
            "waiting": _alike(mine),
            "others": [entry for entry in alone if entry.why_not],
            "expiring": [entry for entry in alone if entry.expires_soon],
            "decided": [
                Entry((row.plan.request,), said=decided(row))
                for row in decided_by(person)[:MOST_DECIDED]
                if row.plan.request
            ],
            "mine": [Entry((request,)) for request in own_requests(person)],
        }
    )


def own_of(entry: Entry, asked: Request) -> dict[int, dict[str, str]]:
    """What each of an entry's plans has of its own that the one that is read has otherwise, by request."""
    rows = Plan.objects.filter(request__in=[each.pk for each in entry.requests])
    own = {row.request_id: own_values(json.loads(row.document)) for row in rows if row.request_id}
    read = own.get(asked.pk, {})
    return {
        pk: values
        if pk == asked.pk
        else {name: said for name, said in values.items() if said != read.get(name)}
        for pk, values in own.items()
    }


def _alike(requests: Iterable[Request]) -> list[Entry]:
    """Those with equal plans together, in the order of the first; who stands alone beside them is told so."""
    groups: dict[str, list[Request]] = {}
    for request in requests:
        likeness = request.plan.likeness if request.plan else ""
        groups.setdefault(likeness or f"alone {request.pk}", []).append(request)
    usual = {_asks(group[0]): group[0] for group in groups.values() if len(group) > 1}
    return [
        Entry(tuple(group), beside=usual.get(_asks(group[0])) if len(group) == 1 else None)
        for group in groups.values()
    ]


def _asks(request: Request) -> tuple[str, str, str, str]:
    """What is asked for, whatever the LPAR."""
    return request.procedure, request.media, request.target_level, repr(request.choices)
