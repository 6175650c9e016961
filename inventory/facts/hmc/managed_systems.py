"""`lssyscfg -r sys`: the managed systems of an HMC."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import records, text

_COLUMNS = ("name", "serial_num", "state")


@dataclass(frozen=True, slots=True)
class ManagedSystem:
    """A Power server; `state` is `Operating`, `Power Off`, `No Connection`, `Standby`, …"""

    name: str
    serial: str
    state: str


def _build() -> Command:
    return hmc("lssyscfg", "-r", "sys", "-F", ",".join(_COLUMNS))


def _parse(output: Output) -> tuple[ManagedSystem, ...]:
    return tuple(
        ManagedSystem(text(record, "name"), text(record, "serial_num"), text(record, "state"))
        for record in records(output, "lssyscfg", _COLUMNS)
    )


MANAGED_SYSTEMS = Fact(name="managed_systems", host=HostKind.HMC, build=_build, parse=_parse)
