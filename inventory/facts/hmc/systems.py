"""`lssyscfg -r sys`: the managed systems of an HMC with type, model and limits."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import count_if_any, records, text

_COLUMNS = ("name", "type_model", "serial_num", "state", "max_lpars")


@dataclass(frozen=True, slots=True)
class System:
    """A Power server; `state` is `Operating`, `Power Off`, `No Connection`, `Standby`, …

    `max_lpars` is how many partitions it may have, None where the HMC does not know.
    """

    name: str
    type_model: str
    serial: str
    state: str
    max_lpars: int | None


def _build() -> Command:
    return hmc("lssyscfg", "-r", "sys", "-F", ",".join(_COLUMNS))


def _parse(output: Output) -> tuple[System, ...]:
    return tuple(
        System(
            name=text(record, "name"),
            type_model=text(record, "type_model"),
            serial=text(record, "serial_num"),
            state=text(record, "state"),
            max_lpars=count_if_any(record, "max_lpars"),
        )
        for record in records(output, "lssyscfg", _COLUMNS)
    )


SYSTEMS = Fact(name="systems", host=HostKind.HMC, build=_build, parse=_parse, discovery=True)
