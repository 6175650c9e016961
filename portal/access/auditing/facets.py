"""How the newest entries of a list divide: by kind, channel, outcome, person and thing."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict

from portal.access.models import User
from portal.audit.models import Intake

COUNTED = 2_000
"""Newest entries of a list that are counted."""
_USER = "user:"
MOST = 8
"""Values of one facet that are shown, the most frequent ones."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet: its words, how many entries have it, and the list narrowed (or widened) by it."""

    words: str
    count: int
    query: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to narrow the list."""

    title: str
    values: tuple[Value, ...]


def facets_of(rows: QuerySet[Intake], query: QueryDict) -> list[Facet]:
    """The facets of a list with these rows, whose address has this query."""
    names = ("event", "channel", "outcome", "actor_id", "actor_kind", "object")
    newest = list(rows.order_by("-id").values_list(*names)[:COUNTED])
    people = Counter(row[3] for row in newest if row[4] == "user")
    things = Counter(row[5] for row in newest)
    named = _names([*people, *(thing.removeprefix(_USER) for thing in things if thing.startswith(_USER))])
    facets: tuple[tuple[str, str, Counter[str], Callable[[str], str]], ...] = (
        ("Kind", "event", Counter(row[0].partition(".")[0] + "." for row in newest), _kind),
        ("Through", "channel", Counter(row[1] for row in newest), str),
        ("Outcome", "outcome", Counter(row[2] for row in newest), str),
        ("By", "actor", people, named.__getitem__),
        ("About", "object", things, lambda thing: _thing(thing, named)),
    )
    found = (
        Facet(title, tuple(_value(name, value, count, words, query) for value, count in _most(counts)))
        for title, name, counts, words in facets
    )
    return [facet for facet in found if facet.values]


def _most(counts: Counter[str]) -> Iterable[tuple[str, int]]:
    return Counter({value: count for value, count in counts.items() if value}).most_common(MOST)


def _value(name: str, value: str, count: int, words: Callable[[str], str], query: QueryDict) -> Value:
    chosen = query.get(name) == value
    changed = query.copy()
    for member in ("page", name):
        changed.pop(member, None)
    if not chosen:
        changed[name] = value
    return Value(words(value), count, changed.urlencode(), chosen)


def _names(ids: Sequence[str]) -> dict[str, str]:
    """What to call people by pseudonym; the pseudonym itself where the person is gone."""
    known = {user.public_id: str(user) for user in User.objects.filter(public_id__in=ids)}
    return {each: known.get(each, each) for each in ids}


def _kind(prefix: str) -> str:
    return prefix.removesuffix(".")


def _thing(thing: str, named: Mapping[str, str]) -> str:
    kind, _, name = thing.partition(":")
    return f"{kind} {named.get(name, name)}"
