"""What changed in the answers about an LPAR: since a moment, or from one answer to the next."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Exists, Min, OuterRef, QuerySet

from inventory.facts.base import Fact, Output, ReadingState
from inventory.facts.catalogue import FACTS
from inventory.facts.difference import Difference, differences
from inventory.models import FactReading, Host

ANSWERED = (ReadingState.OK, ReadingState.UNPARSABLE)
"""States of readings in which the host said something that can be compared."""
_FACTS: Mapping[str, Fact[Any]] = {fact.name: fact for fact in FACTS}
_BARE = ("host_id", "subject_id", "fact", "key", "state", "first_read_at", "read_at", "ended_at", "current")

Answers = dict[tuple[str, str], FactReading]


class What(StrEnum):
    """What became of an answer."""

    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"
    NOT_READ = "not_read"


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that says something else now. `before` or `after` is None for what is new or gone."""

    what: What
    fact: str
    key: str
    before: FactReading | None
    after: FactReading | None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed since a moment; `not_known` counts facts that had a value then and have none now."""

    since: datetime
    changes: tuple[Change, ...]
    not_known: Mapping[str, int]
    compared: int


def changes_after(subject: Host, moment: datetime) -> Comparison:
    """The answers of now against the first that were given from `moment` on: drift since a run ended."""
    rows = _rows(subject)
    return _compared(moment, rows, [row for row in reversed(rows) if row.read_at >= moment])


def changes_before(subject: Host, moment: datetime) -> Comparison:
    """The answers of now against those that stood right before `moment`."""
    rows = _rows(subject)
    stood = (row for row in rows if row.ended_at is None or row.ended_at >= moment)
    return _compared(moment, rows, [row for row in stood if row.first_read_at < moment])


def changes_of_last_look(subject: Host) -> Comparison | None:
    """The answers of the newest look against those that stood before it; None while there was no look."""
    current = FactReading.objects.filter(subject=subject, current=True)
    began: datetime | None = current.aggregate(at=Min("read_at"))["at"]
    return None if began is None else changes_before(subject, began)


def change_to(reading: FactReading) -> Change | None:
    """What one answer changed against the one before it; None for the first one."""
    older = FactReading.objects.filter(
        subject=reading.subject_id, fact=reading.fact, key=reading.key, state__in=ANSWERED
    )
    before = older.filter(first_read_at__lt=reading.first_read_at).order_by("-first_read_at").first()
    if before is None or reading.state not in ANSWERED:
        return None
    return Change(What.CHANGED, reading.fact, reading.key, before, reading, _differences(before, reading))


def new_answers(subject: Host) -> QuerySet[FactReading]:
    """The answers that differ from an earlier one, the newest first, without those that always differ."""
    volatile = [fact.name for fact in FACTS if fact.volatile]
    of_lpar = FactReading.objects.filter(subject=subject)
    earlier = of_lpar.filter(
        fact=OuterRef("fact"), key=OuterRef("key"), first_read_at__lt=OuterRef("first_read_at")
    )
    news = of_lpar.exclude(fact__in=volatile).filter(Exists(earlier)).select_related("host")
    return news.defer("stdout", "stderr").order_by("-first_read_at")


def _rows(subject: Host) -> list[FactReading]:
    """All that is kept about an LPAR, without the texts, the newest first."""
    return list(FactReading.objects.filter(subject=subject).only(*_BARE).order_by("-first_read_at"))


def _compared(since: datetime, rows: Iterable[FactReading], candidates: Iterable[FactReading]) -> Comparison:
    """`candidates` in order of preference: the first that answered is what was known of its fact then."""
    now = {(row.fact, row.key): row for row in rows if row.current}
    then: Answers = {}
    for row in candidates:
        if row.state in ANSWERED:
            then.setdefault((row.fact, row.key), row)
    changes = [*_changed(then, now), *_appeared(then, now), *_vanished(then, now)]
    lost = Counter(now[at].state for at in then if at in now and now[at].state not in ANSWERED)
    in_order = sorted(changes, key=lambda change: (change.fact, change.key))
    return Comparison(since, tuple(in_order), dict(lost), len(then))


def _texts(then: Answers, now: Answers) -> dict[int, FactReading]:
    """Whole readings of the facts that another answer was given to."""
    other = [at for at in then if at in now and then[at].pk != now[at].pk]
    wanted = [row.pk for at in other for row in (then[at], now[at])]
    return FactReading.objects.select_related("host").in_bulk(wanted)


def _changed(then: Answers, now: Answers) -> Iterator[Change]:
    texts = _texts(then, now)
    for (fact, key), old in then.items():
        new = now.get((fact, key))
        if new is None or new.pk not in texts or new.state not in ANSWERED:
            continue
        before, after = texts[old.pk], texts[new.pk]
        if found := _differences(before, after):
            yield Change(What.CHANGED, fact, key, before, after, found)


def _appeared(then: Answers, now: Answers) -> Iterator[Change]:
    """Answers under keys that were not there; a fact that nobody read then tells nothing."""
    known = {fact for fact, _ in then}
    for (fact, key), row in now.items():
        if fact in known and (fact, key) not in then and row.state in ANSWERED:
            yield Change(What.NEW, fact, key, None, row)


def _vanished(then: Answers, now: Answers) -> Iterator[Change]:
    """Answers under keys that are gone; only a host that answered everything shows that."""
    whole = {row.host_id for row in now.values()} - {
        row.host_id for row in now.values() if row.state != ReadingState.OK
    }
    for (fact, key), row in then.items():
        if (fact, key) not in now:
            yield Change(What.GONE if row.host_id in whole else What.NOT_READ, fact, key, row, None)


def _differences(before: FactReading, after: FactReading) -> tuple[Difference, ...]:
    fact = _FACTS.get(after.fact)
    if fact is None:
        return ()
    return differences(
        fact,
        Output(before.stdout, before.stderr, before.status),
        Output(after.stdout, after.stderr, after.status),
    )
