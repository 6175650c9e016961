"""Words of a comparison with the inventory: what is known, what was seen, what differs."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inventory.discovery.estate import FoundPartition


@dataclass(frozen=True, slots=True)
class KnownPartition:
    """An LPAR or a VIOS as the inventory has it; `row` is its key there, `kind` `lpar` or `vios`."""

    row: int
    kind: str
    serial: str
    name: str
    uuid: str = ""
    logical_serial: str = ""
    surrogate_uuid: str = ""
    lpar_id: int | None = None
    is_retired: bool = False
    seen_at: datetime | None = None

    @property
    def identity(self) -> str:
        """What names it for good, as far as the inventory knows."""
        return identity(self.serial, self.uuid, self.logical_serial, self.name)


@dataclass(frozen=True, slots=True)
class KnownSystem:
    """A managed system as the inventory has it, with the names of its HMCs."""

    row: int
    serial: str
    name: str
    type_model: str
    hmcs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A known partition that was listed. During a Live Update `surrogate_uuid` is that of its other half."""

    row: int
    kind: str
    found: FoundPartition
    read_at: datetime
    is_updating: bool = False
    surrogate_uuid: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something new, changed or gone; without `is_certain` it waits for a person."""

    kind: str
    identity: str
    name: str
    change: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    row: int | None = None
    is_certain: bool = False


def identity(serial: str, uuid: str, logical_serial: str, name: str) -> str:
    """A managed system's serial number and a partition's UUID; without UUID its number and name."""
    return f"{serial}/{uuid or f'{logical_serial}/{name}'}"


def serial_of(identity: str) -> str:
    """The managed system's serial number in an identity."""
    return identity.partition("/")[0]
