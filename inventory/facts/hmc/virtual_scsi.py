"""`lshwres -r virtualio --rsubtype scsi`: the virtual SCSI adapters of a partition."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count, records, text


@dataclass(frozen=True, slots=True)
class ScsiAdapter:
    """A client adapter: its slot, the VIOS that serves it, and the slot of the server adapter there."""

    slot: int
    vios: str
    vios_slot: str


def _build(managed_system: str, lpar_name: str) -> Command:
    return hmc(
        *("lshwres", "-r", "virtualio", "--rsubtype", "scsi", "-m", managed_system, "--level", "lpar"),
        *("--filter", f"lpar_names={lpar_name}"),
    )


def _parse(output: Output) -> tuple[ScsiAdapter, ...]:
    """The client adapters; a partition may have none."""
    return tuple(
        ScsiAdapter(
            count(record, "slot_num"), text(record, "remote_lpar_name"), text(record, "remote_slot_num")
        )
        for record in records(output, "lshwres")
        if record.get("adapter_type", "client") == "client"
    )


VIRTUAL_SCSI = Fact(
    name="virtual_scsi",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system", "lpar_name"),
)
