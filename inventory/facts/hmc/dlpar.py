"""`lspartition -dlpar`: which partitions the HMC reaches through RMC."""

import re
from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_PARTITION = re.compile(
    r"<#\d+>\s+Partition:<(?P<id>\d+)\*(?P<type_model>[^*>]+)\*(?P<serial>[^,>]+),"
    r"\s*(?P<host>[^,>]*),\s*(?P<address>[^>]*)>\s+Active:<(?P<active>[0-9])>"
    r"(?:,\s*OS:<(?P<os>[^>]*)>)?(?:,\s*\w+:<[^>]*>)*\s*",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class DlparPartition:
    """A partition as RMC knows it; `os` is e.g. `AIX, 7.2, 7200-04-02-2028`, empty without RMC."""

    lpar_id: int
    type_model: str
    serial: str
    host_name: str
    address: str
    active: bool
    os: str


def _build() -> Command:
    return hmc("lspartition", "-dlpar")


def _parse(output: Output) -> tuple[DlparPartition, ...]:
    """The partitions, two printed lines each; an HMC without any prints nothing."""
    said = "\n".join(filled(answer(output, "lspartition", closed=r".*PinnedMem:<[0-9]+>\s*")))
    partitions, place = [], 0
    while place < len(said):
        match = _PARTITION.match(said, place)
        if match is None:
            raise Unparsable("not a partition of lspartition -dlpar", _line_at(said, place))
        partitions.append(_partition(match))
        place = match.end()
    return tuple(partitions)


def _line_at(text: str, place: int) -> str:
    return text[text.rfind("\n", 0, place) + 1 :].split("\n", 1)[0]


def _partition(match: re.Match[str]) -> DlparPartition:
    return DlparPartition(
        lpar_id=int(match["id"]),
        type_model=match["type_model"],
        serial=match["serial"],
        host_name=match["host"].strip(),
        address=match["address"].strip(),
        active=match["active"] == "1",
        os=(match["os"] or "").strip(", "),
    )


DLPAR = Fact(name="dlpar", host=HostKind.HMC, build=_build, parse=_parse, volatile=True)
