"""`lshwres -r virtualio --rsubtype fc`: the virtual Fibre Channel adapters of a partition."""

import re
from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.hmc_records import count, records, text

_WWPN = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class FibreChannelAdapter:
    """A client adapter: its slot, the VIOS behind it, and its worldwide port names (16 digits each)."""

    slot: int
    vios: str
    wwpns: tuple[str, ...]


def _build(managed_system: str, lpar_name: str) -> Command:
    return hmc(
        *("lshwres", "-r", "virtualio", "--rsubtype", "fc", "-m", managed_system, "--level", "lpar"),
        *("--filter", f"lpar_names={lpar_name}"),
    )


def _parse(output: Output) -> tuple[FibreChannelAdapter, ...]:
    """The client adapters; a partition may have none."""
    return tuple(
        FibreChannelAdapter(
            count(record, "slot_num"),
            text(record, "remote_lpar_name"),
            _wwpns(text(record, "wwpns"), record["slot_num"]),
        )
        for record in records(output, "lshwres")
        if record.get("adapter_type", "client") == "client"
    )


def _wwpns(printed: str, slot: str) -> tuple[str, ...]:
    names = tuple(name for name in re.split(r"[,/\s]+", printed) if name and name not in ("none", "null"))
    for name in names:
        if not _WWPN.fullmatch(name.lower()):
            raise Unparsable(f"not a worldwide port name in slot {slot}", printed)
    return tuple(name.lower() for name in names)


VIRTUAL_FIBRE_CHANNEL = Fact(
    name="virtual_fibre_channel",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system", "lpar_name"),
)
