"""What an HMC prints of managed systems and partitions that a test makes up, in its own format."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from inventory.facts.base import FactSet, Output, Reading, ReadingState, Unparsable
from inventory.facts.catalogue import fact_named

READ_AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
REFUSED_UUID = "An invalid attribute was entered. The invalid attribute is uuid.\n"


@dataclass(frozen=True)
class Part:
    """A partition; an AIX LPAR unless it says otherwise."""

    name: str
    lpar_id: int
    uuid: str = ""
    state: str = "Running"
    env: str = "aixlinux"
    os: str = "AIX 7.2 7200-05-03-2148"
    address: str = "10.254.0.20"


@dataclass(frozen=True)
class Cec:
    """A managed system with its partitions; `listed` overrides what the HMC prints of them."""

    serial: str = "78A1234"
    name: str = "9080-M9S-78A1234"
    state: str = "Operating"
    type_model: str = "9080-M9S"
    partitions: tuple[Part, ...] = ()
    listed: Output | None = None
    second_list: tuple[Part, ...] | None = None


def uuid(number: int) -> str:
    """A UUID that is different for each number."""
    return f"1A40C5B2-7E0E-4D52-9F7F-{number:012X}"


@dataclass
class Console:
    """An HMC; an old one knows no UUIDs."""

    systems: Iterable[Cec] = ()
    is_old: bool = False
    answers: dict[tuple[str, str], Output] = field(default_factory=dict)

    def facts(self, read_at: datetime = READ_AT) -> FactSet:
        """Its answers to a discovery."""
        self.answers = {("systems", ""): Output(_lines(map(_system, self.systems)))}
        for system in self.systems:
            self._system(system)
        facts = FactSet()
        for (name, key), output in self.answers.items():
            facts.add(reading(name, key, output, read_at))
        return facts

    def _system(self, system: Cec) -> None:
        listed = system.listed or Output(_lines(_row(system, part) for part in system.partitions))
        old = Output(_lines(_attributes(system, part) for part in system.partitions))
        second = system.partitions if system.second_list is None else system.second_list
        self.answers |= {
            ("partitions", system.name): Output(REFUSED_UUID, status=1) if self.is_old else listed
        }
        if self.is_old:
            self.answers |= {("partition_attributes", system.name): system.listed or old}
        self.answers |= {
            ("partitions_memory", system.name): Output(_lines(f"{p.name},{p.lpar_id},8192" for p in second)),
            ("partitions_processors", system.name): Output(
                _lines(f"{p.name},{p.lpar_id},shared,0.5,2,0" for p in second)
            ),
            ("memory_system", system.name): Output("configurable_sys_mem=131072,curr_avail_sys_mem=24576\n"),
            ("processors_system", system.name): Output(
                "configurable_sys_proc_units=16.0,curr_avail_sys_proc_units=3.5\n"
            ),
            ("processor_pools", system.name): Output("0,null,null,DefaultPool\n1,8.0,0.5,Oracle\n"),
        }


def reading(name: str, key: str, output: Output, read_at: datetime = READ_AT) -> Reading:
    """A reading, understood or not, as the portal makes it."""
    fact = fact_named(name)
    parameters = key.split(",") if key else []
    state, problem = ReadingState.OK, ""
    try:
        fact.parse(output)
    except Unparsable as error:
        state, problem = ReadingState.UNPARSABLE, str(error)
    command = fact.build(*parameters).display()
    return Reading(name, key, "hmc01", command, output, read_at, state, problem)


def _lines(rows: Iterable[str]) -> str:
    return "".join(f"{row}\n" for row in rows) or "No results were found.\n"


def _system(system: Cec) -> str:
    return f"{system.name},{system.type_model},{system.serial},{system.state},1000"


def _values(system: Cec, part: Part) -> dict[str, str]:
    return {
        "name": part.name,
        "lpar_id": str(part.lpar_id),
        "lpar_env": part.env,
        "state": part.state,
        "rmc_state": "active" if part.address else "inactive",
        "rmc_ipaddr": part.address,
        "os_version": part.os,
        "logical_serial_num": f"{system.serial}{part.lpar_id:X}",
        "default_profile": "normal",
        "curr_profile": "normal",
        "sync_curr_profile": "1",
    }


def _row(system: Cec, part: Part) -> str:
    return ",".join([*_values(system, part).values(), part.uuid])


def _attributes(system: Cec, part: Part) -> str:
    return ",".join(f"{name}={value}" for name, value in _values(system, part).items())
