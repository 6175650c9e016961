"""What a failure signature is: the trace of a failure, its cause and its remedy, as plain data."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from liveupdate.knowledge.levels import Defect, Feature


class Next(StrEnum):
    """What may follow: cure before the run, cure and run again once, or a person decides."""

    PREPARE = "prepare"
    RETRY = "retry"
    PERSON = "person"


class Rank(IntEnum):
    """How much a signature explains; lower comes first.

    `CAUSE` is a known cause. `GENERIC` is one too, but leaves the lines that a cause explains to that
    cause. `CLUE` counts only where neither was found. `PRECONDITION` is what would make a run fail.
    `LOST` says that nobody knows how it ended. `ENVELOPE` says only where it failed. `INFORMATION` is
    never a failure.
    """

    CAUSE = 0
    GENERIC = 1
    CLUE = 2
    PRECONDITION = 3
    LOST = 4
    ENVELOPE = 5
    INFORMATION = 6


class Source(StrEnum):
    """Where a trace may be found; recognised by content."""

    TERMINAL = "terminal"
    NIM = "nim"
    PREVIEW = "preview"
    LVUPDLOG = "lvupdlog"
    ERRPT = "errpt"
    EMGR = "emgr.log"
    INSTALL = "install_all_updates.log"
    ALT_DISK = "alt_disk_inst.log"
    HMCAUTH = "hmcauth"
    HMC = "hmc"
    TRANSPORT = "transport"
    PRECHECK = "precheck"
    RMC = "rmc"
    MIXED = "mixed"
    OTHER = "other"


class Mark(StrEnum):
    """What an attempt's output shows besides the traces themselves."""

    BEGUN = "begun"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    NIM_FAILED = "nim_failed"
    TOLD_FAILED = "told_failed"
    PREVIEWED = "previewed"
    INSTALLED = "installed"
    LOGGED = "logged"
    CONSOLE_LOST = "console_lost"
    DENIED = "denied"
    NVRAM = "nvram"
    NIM_CUSTOMIZES = "nim_customizes"
    KEY_EXCHANGE = "key_exchange"
    ENTRY_STARTED = "entry_started"
    ENTRY_COMPLETED = "entry_completed"
    FIXES_SUCCEEDED = "fixes_succeeded"
    FIXES_FAILED = "fixes_failed"


Marks = frozenset[Mark]


def always(_marks: Marks) -> bool:
    """The trace speaks for itself."""
    return True


def once_failed(marks: Marks) -> bool:
    """The trace means something only where the output says that it failed."""
    return bool(marks & {Mark.FAILED, Mark.REFUSED, Mark.NIM_FAILED, Mark.TOLD_FAILED})


def unless_installed(marks: Marks) -> bool:
    """The trace means something unless the installation succeeded in the end."""
    return Mark.INSTALLED not in marks or once_failed(marks)


def without_end(marks: Marks) -> bool:
    """Nothing says how it ended."""
    return not marks & {Mark.FAILED, Mark.REFUSED, Mark.SUCCEEDED, Mark.ENTRY_COMPLETED}


@dataclass(frozen=True, slots=True)
class Signature:
    """A known trace of a failure (`P1` … `P8`, `F01` … of handbook 4).

    A line is looked at when it holds one of `anchors` (in any case of letters); `pattern` (regex on one
    cleaned record: blanks are single, wrapped lines joined) is the trace, whose named groups become the
    diagnosis's values. `when` must hold of the attempt's marks. `errors_only` leaves out records of
    `lvupdlog` at the levels DEBUG and INFO. `covers` names signatures that say less about the same
    failure, `explains` those that are part of this one and follow it.

    `commands` are the remedy as typed; `{name}` stands for a value. `defect` and `until` say which
    levels are affected (neither: all), `procedure` the portal's own procedure that does the remedy.
    `example` is a trace as hosts print it. `inferred` marks a text that no public source shows.
    """

    id: str
    title: str
    anchors: tuple[str, ...]
    pattern: str
    cause: str
    remedy: str
    where: tuple[Source, ...]
    example: str
    commands: tuple[str, ...] = ()
    next: Next = Next.PERSON
    rank: Rank = Rank.CAUSE
    when: Callable[[Marks], bool] = always
    errors_only: bool = False
    covers: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()
    defect: Defect | None = None
    until: Feature | None = None
    procedure: str = ""
    inferred: bool = False
