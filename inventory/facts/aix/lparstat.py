"""`lparstat -i`: the partition as its own AIX sees it."""

import re
from dataclasses import dataclass
from decimal import Decimal

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, number

_CLOSED = r"(?:Unallocated|Desired|Target|Physical|Sub|Power) .*"


@dataclass(frozen=True, slots=True)
class PartitionConfiguration:
    """Name, number and resources of the running partition; memory in MB, capacity in cores.

    `memory_mode` is empty on levels that do not print it.
    """

    node_name: str
    partition_name: str
    partition_number: int
    type: str
    mode: str
    entitled_capacity: Decimal
    online_virtual_cpus: int
    online_memory_mb: int
    minimum_memory_mb: int
    maximum_memory_mb: int
    memory_mode: str


def _build() -> Command:
    return aix("lparstat", "-i")


def _parse(output: Output) -> PartitionConfiguration:
    values: dict[str, str] = {}
    lines = filled(answer(output, "lparstat", closed=_CLOSED))
    for line in lines:
        label, colon, value = line.partition(":")
        if not colon:
            raise Unparsable("not a line of lparstat -i (label : value)", line)
        values[" ".join(label.split())] = value.strip()
    if "Node Name" not in values:
        raise Unparsable("lparstat -i printed no Node Name", lines[0] if lines else "")
    return PartitionConfiguration(
        node_name=_text(values, "Node Name"),
        partition_name=_text(values, "Partition Name"),
        partition_number=_count(values, "Partition Number"),
        type=_text(values, "Type"),
        mode=_text(values, "Mode"),
        entitled_capacity=_capacity(values, "Entitled Capacity"),
        online_virtual_cpus=_count(values, "Online Virtual CPUs"),
        online_memory_mb=_megabytes(values, "Online Memory"),
        minimum_memory_mb=_megabytes(values, "Minimum Memory"),
        maximum_memory_mb=_megabytes(values, "Maximum Memory"),
        memory_mode=values.get("Memory Mode", "").strip("-"),
    )


def _text(values: dict[str, str], label: str) -> str:
    if not values.get(label):
        raise Unparsable(f"lparstat -i printed no {label}", f"{label} :" if label in values else "")
    return values[label]


def _count(values: dict[str, str], label: str) -> int:
    return number(_text(values, label), label, f"{label} : {values[label]}")


def _megabytes(values: dict[str, str], label: str) -> int:
    amount, _, unit = _text(values, label).partition(" ")
    if unit.strip() != "MB":
        raise Unparsable(f"{label} is not in MB", f"{label} : {values[label]}")
    return number(amount, label, f"{label} : {values[label]}")


def _capacity(values: dict[str, str], label: str) -> Decimal:
    """Cores with two decimals, behind a comma in some languages."""
    if not re.fullmatch(r"[0-9]{1,6}(?:[.,][0-9]{2})?", _text(values, label)):
        raise Unparsable(f"{label} is not a number of cores", f"{label} : {values[label]}")
    return Decimal(values[label].replace(",", "."))


LPARSTAT = Fact(name="lparstat", host=HostKind.LPAR, build=_build, parse=_parse, version=2)
