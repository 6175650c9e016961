"""`lscodpool --level sys`: the managed systems that share a Power Enterprise Pool."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.hmc_records import Record, count_if_any, records, text


@dataclass(frozen=True, slots=True)
class CodPoolSystem:
    """A member: its serial number, and the mobile cores and memory (MB) that it holds.

    Inactive is what is built in and not activated, so that the pool could still activate it there.
    """

    serial: str
    cores: int | None
    memory_mb: int | None
    inactive_cores: int | None
    inactive_memory_mb: int | None


def _build(cod_pool: str) -> Command:
    return hmc("lscodpool", "--level", "sys", "-p", cod_pool)


def _parse(output: Output) -> tuple[CodPoolSystem, ...]:
    return tuple(
        CodPoolSystem(
            serial=_serial(record),
            cores=count_if_any(record, "mobile_procs"),
            memory_mb=count_if_any(record, "mobile_mem"),
            inactive_cores=count_if_any(record, "inactive_procs"),
            inactive_memory_mb=count_if_any(record, "inactive_mem"),
        )
        for record in records(output, "lscodpool")
    )


def _serial(record: Record) -> str:
    """Of type, model and serial number (`9080-M9S*78A1234`), the last."""
    type_model, star, serial = text(record, "mtms").partition("*")
    if not (type_model and star and serial):
        raise Unparsable("not a type, model and serial number", record["mtms"])
    return serial


COD_POOL_SYSTEMS = Fact(
    name="cod_pool_systems", host=HostKind.HMC, build=_build, parse=_parse, params=("cod_pool",)
)
