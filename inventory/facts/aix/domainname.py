"""`domainname`: the NIS domain. A Live Update notification script runs it and fails with it."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line, only_line

CANNOT_RUN = 126
NOT_INSTALLED = 127

_NAME = re.compile(r"[^\s:;]*")


@dataclass(frozen=True, slots=True)
class NisDomain:
    """The domain's name (empty: none is set) and the exit status `domainname` gave.

    Status 127 means that there is no such command.
    """

    name: str
    status: int


def parse(output: Output) -> NisDomain:
    """Name and status; any status is an answer but that of a program that cannot be run."""
    if output.status == NOT_INSTALLED and not first_line(output.stdout):
        return NisDomain("", NOT_INSTALLED)
    lines = filled(answer(output, "domainname", statuses=range(CANNOT_RUN)))
    status = output.status or 0
    name = only_line(lines, "domain").strip() if lines and not status else ""
    if not _NAME.fullmatch(name):
        raise Unparsable("not the name of a domain", name)
    return NisDomain(name, status)


DOMAINNAME = Fact("domainname", HostKind.LPAR, lambda: aix("domainname"), parse, version=3)
