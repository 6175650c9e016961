"""All facts the portal can read, found by walking the packages beside this module."""

from typing import Any

import inventory.facts
from inventory.facts.base import Fact, HostKind
from portal.lib.discover import constants

FACTS: tuple[Fact[Any], ...] = tuple(
    sorted(constants(inventory.facts, Fact, skip=frozenset({__name__})), key=lambda fact: fact.name)
)
_BY_NAME = {fact.name: fact for fact in FACTS}
if len(_BY_NAME) != len(FACTS):
    names = [fact.name for fact in FACTS]
    raise RuntimeError(f"Two facts share a name: {sorted({n for n in names if names.count(n) > 1})}.")


def fact_named(name: str) -> Fact[Any]:
    """The fact of this name. Raises KeyError."""
    return _BY_NAME[name]


def facts_of(host: HostKind) -> tuple[Fact[Any], ...]:
    """The facts that this kind of host answers; `params` of each says what its command needs."""
    return tuple(fact for fact in FACTS if fact.host == host)
