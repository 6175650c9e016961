"""All facts the portal can read, found by walking the packages beside this module."""

from collections.abc import Iterable
from typing import Any

import inventory.facts
from inventory.facts.base import Fact, HostKind
from portal.lib.discover import constants


def by_name(facts: Iterable[Fact[Any]]) -> dict[str, Fact[Any]]:
    """The facts under their names, in order of name. Raises ValueError when two share one."""
    named: dict[str, Fact[Any]] = {}
    for fact in sorted(facts, key=lambda fact: fact.name):
        if named.setdefault(fact.name, fact) is not fact:
            raise ValueError(f"Two facts are named {fact.name}.")
    return named


_NAMED = by_name(constants(inventory.facts, Fact, skip=frozenset({__name__})))
FACTS: tuple[Fact[Any], ...] = tuple(_NAMED.values())


def fact_named(name: str) -> Fact[Any]:
    """The fact of this name. Raises KeyError."""
    return _NAMED[name]


def facts_of(host: HostKind) -> tuple[Fact[Any], ...]:
    """The facts that this kind of host answers; `params` of each says what its command needs."""
    return tuple(fact for fact in FACTS if fact.host == host)
