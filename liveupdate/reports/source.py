"""What the sections of a report read: the question, the ledger's standing, and what was gathered once."""

from collections.abc import Callable
from dataclasses import dataclass

from liveupdate.reports.document import Period, Scope
from portal.audit.standing import Standing

Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Source:
    """One question and everything that its answer rests on."""

    period: Period
    scope: Scope
    standing: Standing


def read_source(period: Period, scope: Scope, standing: Standing, told: Told) -> Source:
    """Gather what the sections read. `told` hears how far it is."""
    told("entries", 0, standing.size)
    return Source(period, scope, standing)
