"""How much software an LPAR has, and its interim fixes, by the answers read last."""

from dataclasses import dataclass
from typing import Any

from inventory.actions.readings import reading_of
from inventory.facts.aix.emgr_list import EMGR_LIST, Ifix
from inventory.facts.aix.lslpp import LSLPP
from inventory.facts.base import Fact, FactMissing, FactSet
from inventory.models import FactReading, Lpar


@dataclass(frozen=True, slots=True)
class Software:
    """Numbers of filesets and of those that are not committed, and the ifixes; None: not known."""

    filesets: int | None
    applied: int | None
    ifixes: tuple[Ifix, ...] | None


def software_of(lpar: Lpar) -> Software:
    """What the newest answers say, in one query."""
    facts = FactSet()
    names = [fact.name for fact in (LSLPP, EMGR_LIST)]
    rows = FactReading.objects.filter(subject=lpar.host_id, current=True, fact__in=names)
    for row in rows.select_related("host"):
        facts.add(reading_of(row))
    filesets = _known(facts, LSLPP)
    return Software(
        None if filesets is None else len(filesets),
        None if filesets is None else sum(each.state == "A" for each in filesets),
        _known(facts, EMGR_LIST),
    )


def _known(facts: FactSet, fact: Fact[Any]) -> Any:
    try:
        return facts.value(fact)
    except FactMissing:
        return None
