"""Have the facts of many LPARs read, and see how far that is."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Now

from inventory.facts.base import ReadingState
from inventory.models import Lpar
from liveupdate.actions.looks import waiting_looks
from liveupdate.dispatch import ring
from liveupdate.models import Refresh
from portal.access.models import User
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Invalid

MOST = 20_000
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a refresh is: numbers of LPARs, and of those read by how that ended (`facts_state`)."""

    total: int
    reading: int
    states: Mapping[str, int]

    @property
    def done(self) -> int:
        """LPARs whose facts were read since."""
        return sum(self.states.values())

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to read."""
        return self.done >= self.total


def ask_for_looks(person: User, rows: QuerySet[Lpar], words: str) -> Refresh:
    """Have workers read the facts of these LPARs, which the person may see; `words` say which.

    Raises Invalid for none, and for more than `MOST`.
    """
    ids = list(rows.filter(retired_at=None).order_by().values_list("pk", flat=True)[: MOST + 1])
    if not ids:
        raise Invalid("There is no LPAR to read.", remedy="Change the filter.", code="not_found")
    if len(ids) > MOST:
        raise Invalid(
            f"These are more than {MOST:,} LPARs.",
            remedy="Narrow the list by a filter.",
            code="too_many_lpars",
        )
    with transaction.atomic():
        Refresh.objects.filter(asked_at__lt=now() - KEPT).delete()
        refresh = Refresh.objects.create(asked_by=person, asked_at=now(), words=words[:300])
        refresh.lpars.add(*ids)
        Lpar.objects.filter(refreshes=refresh).update(look_asked_at=refresh.asked_at)
        data = {"lpars": len(ids), "which": words}
        record(Event.FACTS_READ, Actor.person(person.public_id), {"refresh": refresh.pk}, data)
        transaction.on_commit(_ring)
    return refresh


def progress_of(refresh: Refresh) -> Progress:
    """How far a refresh is, in one query."""
    read = Q(facts_read_at__gte=refresh.asked_at)
    under_way = Q(looking_until__gt=Now()) & ~read
    counts = (
        refresh.lpars.order_by()
        .values_list("facts_state")
        .annotate(all=Count("pk"), read=Count("pk", filter=read), under_way=Count("pk", filter=under_way))
    )
    states: Counter[str] = Counter()
    total = reading = 0
    for state, lpars, done, busy in counts:
        total, reading = total + lpars, reading + busy
        states[state] += done
    return Progress(total, reading, {state: count for state, count in states.items() if count})


def troubles_first(refresh: Refresh) -> QuerySet[Lpar]:
    """Its LPARs, those that did not answer well first; `reached` says `read`, `reading` or `waiting`."""
    read = Q(facts_read_at__gte=refresh.asked_at)
    reached = Case(
        When(read, then=Value("read")),
        When(looking_until__gt=Now(), then=Value("reading")),
        default=Value("waiting"),
    )
    weight = Case(
        When(read & ~Q(facts_state=ReadingState.OK), then=0),
        When(read, then=3),
        When(looking_until__gt=Now(), then=1),
        default=2,
        output_field=IntegerField(),
    )
    rows = refresh.lpars.select_related("host", "team").annotate(reached=reached, weight=weight)
    return rows.order_by("weight", "host__name")


def _ring() -> None:
    for lpar_id in waiting_looks():
        ring("look", lpar_id)
