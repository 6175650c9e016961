"""Keep readings: the same answer once, however often it is read, and of older ones a bounded number."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from itertools import chain

from inventory.facts.base import Output, Reading, ReadingState
from inventory.facts.catalogue import FACTS
from inventory.models import FactReading, Host
from portal.lib.canonical import canonical_json, digest
from portal.lib.clock import now

KEPT = 20
"""Earlier answers that are kept of each fact and key; of a volatile fact `KEPT_VOLATILE`."""
KEPT_VOLATILE = 2
_FACTS = {fact.name: fact for fact in FACTS}


def keep_readings(subject: Host, hosts: Mapping[str, Host], readings: Collection[Reading]) -> None:
    """Make these the current readings that concern `subject`, in the caller's transaction.

    `hosts` are those that answered, by name. What is not among the readings is no longer current.
    """
    Host.objects.select_for_update().get(pk=subject.pk)
    known = FactReading.objects.filter(subject=subject, current=True)
    kept = {(row.host_id, row.fact, row.key): row for row in known.only("host_id", "fact", "key", "digest")}
    confirmed: list[FactReading] = []
    new: list[FactReading] = []
    for reading in readings:
        row = _row(subject, hosts[reading.host], reading)
        old = kept.get((row.host_id, row.fact, row.key))
        if old is not None and old.digest == row.digest:
            old.read_at, old.parser_version = row.read_at, row.parser_version
            old.account = row.account
            confirmed.append(old)
        else:
            new.append(row)
    ended_at = max((reading.read_at for reading in readings), default=now())
    known.exclude(pk__in=[row.pk for row in confirmed]).update(current=False, ended_at=ended_at)
    FactReading.objects.bulk_update(confirmed, ["read_at", "parser_version", "account"])
    FactReading.objects.bulk_create(new)
    _let_go(subject, {row.fact for row in new})


def reading_of(row: FactReading) -> Reading:
    """A kept reading as it was read."""
    return Reading(
        fact=row.fact,
        key=row.key,
        host=row.host.name,
        command=row.command,
        output=Output(row.stdout, row.stderr, row.status),
        read_at=row.read_at,
        state=ReadingState(row.state),
        problem=row.problem,
        account=row.account,
    )


def _row(subject: Host, host: Host, reading: Reading) -> FactReading:
    said = (reading.command, reading.output.stdout, reading.output.stderr, reading.output.status)
    return FactReading(
        host=host,
        subject=subject,
        fact=reading.fact,
        key=reading.key,
        account=reading.account,
        command=reading.command,
        stdout=reading.output.stdout,
        stderr=reading.output.stderr,
        status=reading.output.status,
        state=reading.state,
        problem=reading.problem,
        parser_version=_FACTS[reading.fact].version,
        first_read_at=reading.read_at,
        read_at=reading.read_at,
        digest=digest(canonical_json([*said, reading.state.value, reading.problem])),
    )


def _let_go(subject: Host, facts: Collection[str]) -> None:
    """Delete the oldest answers of these facts, as far as there are more than are kept."""
    older = FactReading.objects.filter(subject=subject, current=False, fact__in=facts)
    answers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for pk, fact, key in older.order_by("-first_read_at").values_list("pk", "fact", "key"):
        answers[fact, key].append(pk)
    surplus = chain.from_iterable(pks[_room(fact) :] for (fact, _), pks in answers.items())
    FactReading.objects.filter(pk__in=list(surplus)).delete()


def _room(fact: str) -> int:
    known = _FACTS.get(fact)
    return KEPT_VOLATILE if known is not None and known.volatile else KEPT
