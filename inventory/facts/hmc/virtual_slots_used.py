"""`lshwres --rsubtype slot --level slot`: the virtual slots of a partition that hold an adapter."""

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count, records

_EMPTY = ("", "null", "none", "empty")


def _build(managed_system: str, vios: str) -> Command:
    return hmc(
        *("lshwres", "-r", "virtualio", "--rsubtype", "slot", "-m", managed_system, "--level", "slot"),
        *("--filter", f"lpar_names={vios}"),
    )


def _parse(output: Output) -> tuple[int, ...]:
    """The numbers of the slots with an adapter, or kept for one (`config=reserved`)."""
    found = records(output, "lshwres")
    return tuple(
        count(record, "slot_num") for record in found if record.get("config", "unknown") not in _EMPTY
    )


VIRTUAL_SLOTS_USED = Fact(
    name="virtual_slots_used",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system", "vios"),
)
