"""`domainname`: the NIS domain. A Live Update notification script runs it and fails with it."""

from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.text import answer, filled, only_line

COULD_NOT_RUN = 126


@dataclass(frozen=True, slots=True)
class NisDomain:
    """The domain's name (empty: none is set) and the exit status `domainname` gave."""

    name: str
    status: int


def parse(output: Output) -> NisDomain:
    """Name and status; any status below 126 is an answer."""
    lines = filled(answer(output, "domainname", statuses=range(COULD_NOT_RUN)))
    status = output.status or 0
    return NisDomain(only_line(lines, "domain").strip() if lines and not status else "", status)


DOMAINNAME = Fact("domainname", HostKind.LPAR, lambda: aix("domainname"), parse)
