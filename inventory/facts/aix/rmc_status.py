"""`rmcdomainstatus -s ctrmc`: which HMCs the LPAR's RMC reaches, and whether it is clustered."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

PROGRAM = "/usr/sbin/rsct/bin/rmcdomainstatus"

_BLOCK = re.compile(r"(?P<domain>Management|Peer) Domain Status\b.*")
_ROW = re.compile(r"(\S)\s+(\S)\s+(0x[0-9a-fA-F]+)\s+([0-9a-fA-F]+)\s+(\S+)")


@dataclass(frozen=True, slots=True)
class RmcMember:
    """A node of a domain: the two letters of its state (`IA` is reachable), node id and address."""

    state: str
    node_id: str
    address: str


@dataclass(frozen=True, slots=True)
class RmcStatus:
    """The members of the management domain (one per HMC) and of an online peer domain."""

    management: tuple[RmcMember, ...]
    peers: tuple[RmcMember, ...]


def _build() -> Command:
    return aix(PROGRAM, "-s", "ctrmc")


def _parse(output: Output) -> RmcStatus:
    members: dict[str, list[RmcMember]] = {"Management": [], "Peer": []}
    domain = ""
    for line in filled(answer(output, "rmcdomainstatus")):
        if block := _BLOCK.fullmatch(line.strip()):
            domain = block["domain"]
        elif domain and (row := _ROW.fullmatch(line.strip())):
            members[domain].append(RmcMember(row[1] + row[2], row[3], row[5]))
        else:
            raise Unparsable("not a line of rmcdomainstatus", line)
    return RmcStatus(tuple(members["Management"]), tuple(members["Peer"]))


RMC_STATUS = Fact(name="rmc_status", host=HostKind.LPAR, build=_build, parse=_parse)
