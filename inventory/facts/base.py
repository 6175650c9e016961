"""What a fact is: a command, and the parser of its output.

A fact's file holds one `Fact`, its value type and its parser, and imports nothing of its siblings.
A parser returns the right value or raises `Unparsable` with the line; it never guesses.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from inventory.command import Command

Value = TypeVar("Value")


class HostKind(StrEnum):
    """Which kind of host answers a command."""

    LPAR = "lpar"
    HMC = "hmc"
    NIM_MASTER = "nim_master"
    VIOS = "vios"

    @property
    def label(self) -> str:
        """The kind as people write it."""
        return {"lpar": "LPAR", "hmc": "HMC", "nim_master": "NIM master", "vios": "VIOS"}[self.value]


class ReadingState(StrEnum):
    """How reading a fact ended; only `OK` has a value."""

    OK = "ok"
    UNPARSABLE = "unparsable"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"


_WORST_FIRST = (
    ReadingState.REFUSED,
    ReadingState.UNREACHABLE,
    ReadingState.TIMED_OUT,
    ReadingState.UNPARSABLE,
    ReadingState.OK,
)


def worst_state(states: Iterable[ReadingState]) -> ReadingState:
    """The state that says most about why something of what was asked for is not known."""
    return min(states, key=_WORST_FIRST.index, default=ReadingState.OK)


@dataclass(frozen=True, slots=True)
class Output:
    """What one command left: both streams as text and its exit status (None: unknown)."""

    stdout: str
    stderr: str = ""
    status: int | None = 0


class Unparsable(Exception):
    """The output is not in the command's documented format.

    `line` is the offending line as printed (empty when the whole output is missing).
    """

    def __init__(self, reason: str, line: str = "") -> None:
        super().__init__(f"{reason}: {line!r}" if line else reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class Fact(Generic[Value]):
    """A value that can be read from a host.

    `params` names what the command needs (`disk`, `volume_group`, `managed_system`, `lpar_name`,
    `hmc_user`); a fact with params is read once per value, under the key those values give.
    `version` rises whenever the parser starts to read the same text differently. One that tells of
    many LPARs at once is read by a discovery alone, not by the look at one LPAR (`discovery`). `also`
    are other command lines that print the same, `<word>` standing for any value. A `volatile`
    fact changes by itself from one minute to the next (a clock, the processes), which is no drift.
    """

    name: str
    host: HostKind
    build: Callable[..., Command]
    parse: Callable[[Output], Value]
    params: tuple[str, ...] = ()
    version: int = 1
    discovery: bool = False
    also: tuple[str, ...] = ()
    volatile: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a fact with its provenance; `account` asked, nobody where it is empty."""

    fact: str
    key: str
    host: str
    command: str
    output: Output
    read_at: datetime
    state: ReadingState = ReadingState.OK
    problem: str = ""
    account: str = ""


class FactMissing(Exception):
    """A fact has no usable value: never read, host out of reach, or output not understood."""

    def __init__(self, fact: str, key: str, reading: Reading | None, reason: str) -> None:
        super().__init__(reason)
        self.fact = fact
        self.key = key
        self.reading = reading
        self.reason = reason


@dataclass(slots=True)
class FactSet:
    """The newest readings that concern one LPAR, and the typed values in them, each parsed once."""

    readings: dict[tuple[str, str], Reading] = field(default_factory=dict)
    _parsed: dict[tuple[str, str], tuple[Reading, Any]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def add(self, reading: Reading) -> None:
        """Put a reading in; it replaces an older one of the same fact and key."""
        self.readings[(reading.fact, reading.key)] = reading

    def reading(self, fact: Fact[Any], key: str = "") -> Reading | None:
        """The reading of a fact, whatever its state, or None if it was never read."""
        return self.readings.get((fact.name, key))

    def value(self, fact: Fact[Value], key: str = "") -> Value:
        """The typed value of a fact. Raises FactMissing when there is none."""
        reading = self.reading(fact, key)
        what = f"{fact.name} {key}".strip()
        if reading is None:
            raise FactMissing(fact.name, key, None, f"{what} has not been read yet")
        if reading.state not in (ReadingState.OK, ReadingState.UNPARSABLE):
            raise FactMissing(fact.name, key, reading, f"{what}: {reading.problem or reading.state}")
        known = self._parsed.get((fact.name, key))
        if known is not None and known[0] is reading:
            value: Value = known[1]
            return value
        try:
            value = fact.parse(reading.output)
        except Unparsable as error:
            raise FactMissing(fact.name, key, reading, f"{what}: {error}") from error
        self._parsed[(fact.name, key)] = (reading, value)
        return value

    def keys(self, fact: Fact[Any]) -> list[str]:
        """The keys under which a parametrised fact was read."""
        return sorted(key for name, key in self.readings if name == fact.name)
