"""`lshwres --rsubtype slot --level lpar`: how many virtual adapters a partition may have."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count, only, records, text


@dataclass(frozen=True, slots=True)
class VirtualSlots:
    """The number of virtual slots of a partition, used and free."""

    lpar_name: str
    maximum: int


def _build(managed_system: str, vios: str) -> Command:
    return hmc(
        *("lshwres", "-r", "virtualio", "--rsubtype", "slot", "-m", managed_system, "--level", "lpar"),
        *("--filter", f"lpar_names={vios}"),
    )


def _parse(output: Output) -> VirtualSlots:
    record = only(records(output, "lshwres"), "LPAR")
    return VirtualSlots(text(record, "lpar_name"), count(record, "curr_max_virtual_slots"))


VIRTUAL_SLOTS = Fact(
    name="virtual_slots",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system", "vios"),
)
