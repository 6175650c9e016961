"""`nimquery -a hmc=NAME`: the managed systems that the NIM master sees through one of its HMC objects."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_PAIR = re.compile(r"(\w+)=(.*)")


@dataclass(frozen=True, slots=True)
class QueriedSystem:
    """A managed system as the HMC names it to NIM; `processor` is `fsp` or `ebmc` (from Power10 on)."""

    name: str
    type_model: str
    serial: str
    address: str
    processor: str


def _build(nim_hmc: str) -> Command:
    return aix("nimquery", "-a", f"hmc={nim_hmc}")


def _parse(output: Output) -> tuple[QueriedSystem, ...]:
    """The managed systems. An answer without any is refused: it proves no working key."""
    lines = filled(answer(output, "nimquery"))
    if not lines:
        raise Unparsable("nimquery printed nothing")
    return tuple(_system(line) for line in lines)


def _system(line: str) -> QueriedSystem:
    attributes: dict[str, str] = {}
    for piece in line.strip().split(","):
        pair = _PAIR.fullmatch(piece)
        if pair is None or pair[1] in attributes:
            raise Unparsable("not a managed system of nimquery", line)
        attributes[pair[1]] = pair[2]
    for needed in ("name", "type_model", "serial_num"):
        if not attributes.get(needed):
            raise Unparsable(f"there is no {needed}", line)
    return QueriedSystem(
        name=attributes["name"],
        type_model=attributes["type_model"],
        serial=attributes["serial_num"],
        address=attributes.get("ipaddr", ""),
        processor=attributes.get("sp_type", ""),
    )


NIM_HMC_SYSTEMS = Fact(
    name="nim_hmc_systems",
    host=HostKind.NIM_MASTER,
    build=_build,
    parse=_parse,
    params=("nim_hmc",),
    discovery=True,
)
