"""Where Live Update left an LPAR, told from what the LPAR and its HMC show (handbook 1.4).

No log is read for it: a log may be that of another attempt. What cannot be told, or contradicts
itself, is UNKNOWN, with what is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from inventory.facts.aix.boot_time import BOOT_TIME, BootTime
from inventory.facts.aix.date import DATE
from inventory.facts.aix.errpt import ERRPT
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.lvupdate_data import LVUPDATE_DATA
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.proc_version import PROC_VERSION, RunningKernel
from inventory.facts.aix.processes import PROCESSES, Process
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import Fact, FactMissing
from inventory.facts.error_log import ErrorEntry
from inventory.facts.hmc.lpars import LPARS, HmcLpar
from inventory.facts.level import Level
from liveupdate.lpar.disks import LEFTOVER, clone_disks
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Evidence
from liveupdate.readiness.evidence import lines_where, lines_with, process_lines, quoted
from liveupdate.states import LparState

ORIGINAL = "_lku0"
"""What Live Update appends to the name of the original while it works."""
STARTED, COMPLETED = "9A74C7AB", "12295E0B"
"""The error log's entries of a Live Update's start and completion."""
KERNEL_BEFORE_LEVEL = timedelta(weeks=8)
"""A level's kernel is built some weeks before the level; service packs lie further apart than this."""
LAST_WEEK = 53
"""Of a year; a level without service pack has the week 0000."""


@dataclass(frozen=True, slots=True)
class StateSeen:
    """A state, the sentence that says why, and the lines that it rests on.

    `missing` says of UNKNOWN what would have to be known. `rebooted` tells whether the kernel was
    started after the last Live Update began and did not complete.
    """

    state: LparState
    why: str
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...] = ()
    rebooted: bool = False


def lpar_state(subject: Subject) -> StateSeen:
    """The state of the LPAR by its newest facts; never raises."""
    missing = tuple(_missing(subject))
    if missing:
        why = "Where Live Update left it cannot be told."
        return StateSeen(LparState.UNKNOWN, why, _partitions_seen(subject), missing)
    sight = Sight(subject)
    return _under_way(sight) or _two_partitions(sight) or _one_partition(sight)


class Sight:
    """What the facts show, with nothing missing."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.entries = subject.value(ERRPT)
        self.unfinished = bool(self.entries) and not completed(self.entries[0])
        self.rebooted = self.unfinished and _booted_since(subject, self.entries)
        listed = {each.name: each for each in subject.value(LPARS, subject.managed_system)}
        self.name = subject.partition.removesuffix(ORIGINAL)
        self.own, self.original = listed.get(self.name), listed.get(self.name + ORIGINAL)
        self.runs_as = subject.value(UNAME_L).id

    def seen(self, state: LparState, why: str, *facts: Evidence, missing: tuple[str, ...] = ()) -> StateSeen:
        """A state with the lines of the error log and of the HMC, and `facts` besides."""
        log = quoted(self.subject, ERRPT)
        evidence = (*facts, *((log,) if log.lines else ()), *_partitions_seen(self.subject))
        return StateSeen(state, why, evidence, missing, self.rebooted)


def _missing(subject: Subject) -> Iterator[str]:
    """What is not known of all that a state rests on, each reason once."""
    said = set()
    for fact, *parameters in _needed(subject):
        try:
            subject.value(fact, *parameters)
        except FactMissing as missing:
            if missing.reason not in said:
                said.add(missing.reason)
                yield missing.reason


def _needed(subject: Subject) -> Iterator[tuple[Any, ...]]:
    yield from ((fact,) for fact in (UNAME_L, OSLEVEL, PROC_VERSION, ERRPT, LSPV, PROCESSES))
    yield LPARS, subject.managed_system
    if _unfinished(subject):
        yield from ((fact,) for fact in (BOOT_TIME, DATE))


def _unfinished(subject: Subject) -> bool:
    try:
        entries = subject.value(ERRPT)
    except FactMissing:
        return False
    return bool(entries) and not completed(entries[0])


def completed(entry: ErrorEntry) -> bool:
    """Whether an entry of Live Update in the error log is a completion."""
    return entry.identifier == COMPLETED or "completed successfully" in entry.description


def works_on(process: Process) -> bool:
    """Whether a process is a Live Update, its preview aside, or its cleanup."""
    arguments = process.arguments.split()[1:]
    options = {letter for word in arguments if word.startswith("-") for letter in word[1:]}
    return process.program == "clvupdate" or (process.program == "geninstall" and "k" in options)


def _under_way(sight: Sight) -> StateSeen | None:
    busy = [process for process in sight.subject.value(PROCESSES) if works_on(process)]
    if not busy:
        return None
    why = f"{busy[0].program} is at work on the LPAR (process {busy[0].pid})."
    return sight.seen(LparState.UPDATING, why, process_lines(sight.subject, busy))


def _two_partitions(sight: Sight) -> StateSeen | None:
    """The HMC still has the original under its interim name: which of the two runs the workload?"""
    original, own, name = sight.original, sight.own, sight.name
    if original is None:
        return None if own is not None else _nowhere(sight)
    calls_itself = lines_with(sight.subject, UNAME_L, having=(name,))
    if own is not None and sight.runs_as == own.lpar_id:
        return _moved(sight, original, calls_itself)
    if sight.runs_as != original.lpar_id:
        why = f"The LPAR calls itself partition {sight.runs_as}; the HMC has {original.name} and {name}."
        missing = f"which partition of the HMC has the id {sight.runs_as}"
        return sight.seen(LparState.UNKNOWN, why, calls_itself, missing=(missing,))
    if sight.entries and not sight.unfinished:
        why = f"The error log says that the last Live Update completed, yet {original.name} runs the LPAR."
        missing = "a Live Update in the error log that explains the name"
        return sight.seen(LparState.UNKNOWN, why, calls_itself, missing=(missing,))
    state = LparState.FAILED_DIRTY_REBOOTED if sight.rebooted else LparState.FAILED_DIRTY
    since = " It was restarted since." if sight.rebooted else ""
    why = f"A Live Update failed and left {original.name}, which runs the workload.{since}"
    return sight.seen(state, why, calls_itself, *_boot(sight))


def _nowhere(sight: Sight) -> StateSeen:
    why = f"{sight.subject.hmc} shows no partition {sight.name} on {sight.subject.managed_system}."
    missing = f"where the partition {sight.name} is"
    return sight.seen(LparState.UNKNOWN, why, quoted(sight.subject, UNAME_L), missing=(missing,))


def _moved(sight: Sight, original: HmcLpar, calls_itself: Evidence) -> StateSeen:
    """The workload runs on the surrogate; a completed update may have left the original's definition."""
    if sight.entries and not sight.unfinished and original.state == "Not Activated":
        why = f"The last Live Update completed; the definition of {original.name} is left on the HMC."
        return sight.seen(LparState.DONE, why, calls_itself)
    why = f"The workload runs on the surrogate, and {original.name} is still there ({original.state})."
    return sight.seen(LparState.MOVED_DIRTY, why, calls_itself)


def _one_partition(sight: Sight) -> StateSeen:
    subject = sight.subject
    left = leftover_disks(subject) if sight.unfinished else ()
    if left:
        state = LparState.FAILED_DIRTY_REBOOTED if sight.rebooted else LparState.FAILED_DIRTY
        named = " and ".join(f"{group} on {disk}" for disk, group in left)
        why = f"A Live Update did not complete and left {named}."
        disks = tuple(disk for disk, _ in left)
        return sight.seen(state, why, disk_lines(subject, disks), *_boot(sight))
    level, kernel = subject.value(OSLEVEL), subject.value(PROC_VERSION)
    both = (quoted(subject, OSLEVEL), quoted(subject, PROC_VERSION))
    if is_older(kernel, level):
        why = f"The disk holds {level}, and a kernel built {kernel.built} ({kernel.tag}) runs."
        return sight.seen(LparState.UPDATED_NOT_ACTIVE, why, *both)
    if sight.unfinished:
        why = f"The last Live Update did not complete and left nothing on disks and HMC; {level} is active."
        return sight.seen(LparState.FAILED_CLEAN, why, quoted(subject, LSPV), *both, *_boot(sight))
    if sight.entries:
        return sight.seen(LparState.DONE, "The last Live Update completed.", *both)
    return sight.seen(LparState.IDLE, "The error log holds no Live Update.", *both)


def leftover_disks(subject: Subject) -> tuple[tuple[str, str], ...]:
    """Disks with the volume groups that an unfinished Live Update left. Raises FactMissing.

    A clone that nobody designated counts, and the disk that lvupdate.data names for the mirror while
    it belongs to rootvg.
    """
    clones = clone_disks(subject)
    mirrors = _mirror_disks(subject)
    return tuple(
        (disk.name, disk.volume_group)
        for disk in subject.value(LSPV)
        if (disk.volume_group in (LEFTOVER, "altinst_rootvg") and disk.name not in clones)
        or (disk.volume_group == "rootvg" and disk.name in mirrors)
    )


def _mirror_disks(subject: Subject) -> tuple[str, ...]:
    try:
        return subject.value(LVUPDATE_DATA).disks("mhdisk")
    except FactMissing:
        return ()


def disk_lines(subject: Subject, disks: tuple[str, ...]) -> Evidence:
    """The lines of lspv that show these disks."""
    return lines_where(subject, LSPV, keep=lambda line: line.split()[:1] != [] and line.split()[0] in disks)


def is_older(kernel: RunningKernel, level: Level) -> bool:
    """Whether the kernel that runs is that of an earlier level than the disk holds."""
    year, week = divmod(level.week, 100)
    if not 1 <= week <= LAST_WEEK:
        return False
    released = datetime.fromisocalendar(2000 + year, min(week, 52), 1).replace(tzinfo=UTC)
    built = datetime.strptime(kernel.built, "%b %d %Y %H:%M:%S").replace(tzinfo=UTC)
    return released - built > KERNEL_BEFORE_LEVEL


def _booted_since(subject: Subject, entries: tuple[ErrorEntry, ...]) -> bool:
    """Whether the kernel was started after the newest Live Update began.

    Both times lack seconds. In one minute nothing is started, verified and begun, so that the same
    minute means a restart afterwards.
    """
    stamp = entries[0].timestamp
    began = f"20{stamp[8:]}-{stamp[:2]}-{stamp[2:4]}T{stamp[4:6]}:{stamp[6:8]}"
    return _boot_minute(subject.value(BOOT_TIME), subject.value(DATE).local) >= began


def _boot_minute(boot: BootTime, now: str) -> str:
    """The boot as `YYYY-MM-DDThh:mm`: the last time that was this minute, by the LPAR's own clock."""
    minute = f"{boot.month:02d}-{boot.day:02d}T{boot.hour:02d}:{boot.minute:02d}"
    year = int(now[:4])
    return f"{year if minute <= now[5:16] else year - 1}-{minute}"


def _boot(sight: Sight) -> tuple[Evidence, ...]:
    return (quoted(sight.subject, BOOT_TIME),)


def _partitions_seen(subject: Subject) -> tuple[Evidence, ...]:
    """The HMC's lines of the LPAR and its other half, if the HMC was read."""
    fact: Fact[Any] = LPARS
    if subject.reading(fact, subject.managed_system) is None:
        return ()
    try:
        name = subject.partition.removesuffix(ORIGINAL)
    except FactMissing:
        name = subject.name
    seen = lines_where(
        subject, fact, subject.managed_system,
        keep=lambda line: line.split(",")[0] in (name, name + ORIGINAL),
    )  # fmt: skip
    return (seen,) if seen.lines else ()
