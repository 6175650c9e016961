"""Recognises Live Update's milestones in the bytes that `geninstall -k` prints.

The sentences are the operator texts of AIX 7.2 and 7.3: 7.3 puts `MM/DD/YYYY-HH:MM:SS` (the LPAR's
local time) in front, 7.2 may print them on a line that begins with progress dots. A milestone is
recognised with the last byte of its sentence, not with the end of its line, and whatever the pieces
in which the bytes arrive.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stretch(StrEnum):
    """The parts of a Live Update that a page shows, in order."""

    INSTALL = "install"
    CHECK = "check"
    START = "start"
    SURROGATE = "surrogate"
    MIRROR = "mirror"
    MOVE = "move"
    TRANSFER = "transfer"
    CLEAN_UP = "clean_up"
    DONE = "done"


STRETCH_TITLES: dict[Stretch, str] = {
    Stretch.INSTALL: "Install",
    Stretch.CHECK: "Check requirements",
    Stretch.START: "Start",
    Stretch.SURROGATE: "Surrogate",
    Stretch.MIRROR: "Mirror",
    Stretch.MOVE: "Move",
    Stretch.TRANSFER: "Transfer",
    Stretch.CLEAN_UP: "Clean up",
    Stretch.DONE: "Done",
}


class Meaning(StrEnum):
    """What a milestone means to whoever runs or watches the update.

    From `POINT_OF_NO_RETURN` on nobody may interrupt. `SUCCEEDED` and `FAILED` are the verdict of
    Live Update itself; an output that holds neither is unknown, whatever its exit status.
    """

    PROGRESS = "progress"
    PREVIEW_SUCCEEDED = "preview_succeeded"
    PREVIEW_FAILED = "preview_failed"
    POINT_OF_NO_RETURN = "point_of_no_return"
    BLACKOUT_STARTED = "blackout_started"
    BLACKOUT_ENDED = "blackout_ended"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One sentence of Live Update.

    `id` is the handbook's (M01 … M29; F01, F02, F03, F14 for the messages of failure), `text` the
    sentence as printed, `offset` that of its first byte in the stream, `stamp` the LPAR's local time
    as printed (empty on 7.2).
    """

    id: str
    text: str
    offset: int
    stretch: Stretch
    meaning: Meaning = Meaning.PROGRESS
    stamp: str = ""

    @property
    def local_at(self) -> datetime | None:
        """The printed time as a naive datetime of the LPAR's own clock, None without a valid one."""
        try:
            return datetime.strptime(self.stamp, "%m/%d/%Y-%H:%M:%S")  # noqa: DTZ007 - zone unknown
        except ValueError:
            return None

    def as_dict(self) -> dict[str, str | int]:
        """The milestone as run events hold it."""
        return {
            "id": self.id,
            "text": self.text,
            "offset": self.offset,
            "stretch": self.stretch.value,
            "meaning": self.meaning.value,
            "stamp": self.stamp,
        }


@dataclass(frozen=True, slots=True)
class _Sentence:
    id: str
    pattern: str
    stretch: Stretch
    meaning: Meaning = Meaning.PROGRESS


_S, _M = Stretch, Meaning
_SENTENCES = (
    _Sentence("M01", r"install_all_updates: Initializing system parameters\.", _S.INSTALL),
    _Sentence("M01", r"install_all_updates: Processing media\.", _S.INSTALL),
    _Sentence("M01", r"install_all_updates: Result = SUCCESS", _S.INSTALL),
    _Sentence("M02", r"Live Update Requirement Verification\.\.\.", _S.CHECK),
    _Sentence("M02", r"The live update preview succeeded\.", _S.CHECK, _M.PREVIEW_SUCCEEDED),
    _Sentence("M02", r"The live update preview failed\.", _S.CHECK, _M.PREVIEW_FAILED),
    _Sentence(
        "M03",
        r"Non-interrupt[ai]ble live update operation begins(?: in \d{1,5} seconds?)?\.",
        _S.START,
        _M.POINT_OF_NO_RETURN,
    ),
    _Sentence("M04", r"Live AIX update is starting\.", _S.START),
    _Sentence("M05", r"Initializing live update on original LPAR\.", _S.START),
    _Sentence("M06", r"Validating original LPAR environment\.", _S.START),
    _Sentence("M07", r"Beginning live update operation on original LPAR\.", _S.START),
    _Sentence("M08", r"Requesting resources required for live update\.", _S.SURROGATE),
    _Sentence("M09", r"Notifying applications of impending live update\.", _S.SURROGATE),
    _Sentence("M10", r"Creating rootvg for boot of surrogate\.", _S.SURROGATE),
    _Sentence("M11", r"Starting alt_disk_copy\.", _S.SURROGATE),
    _Sentence("M11", r"Completed alt_disk_copy\.", _S.SURROGATE),
    _Sentence("M12", r"Rootvg for the surrogate is ready\.", _S.SURROGATE),
    _Sentence("M13", r"Starting the surrogate LPAR\.", _S.SURROGATE),
    _Sentence("M14", r"Surrogate AIX boot started\.", _S.SURROGATE),
    _Sentence("M15", r"Surrogate AIX reboot started\.", _S.SURROGATE),
    _Sentence("M16", r"Surrogate LPAR AIX is running\.", _S.SURROGATE),
    _Sentence("M17", r"Creating mirror of original LPAR's rootvg\.", _S.MIRROR),
    _Sentence("M18", r"Original rootvg mirror is active\.", _S.MIRROR),
    _Sentence("M19", r"Moving workload to surrogate LPAR\.", _S.MOVE),
    _Sentence("M20", r"Blackout Time started\.", _S.MOVE, _M.BLACKOUT_STARTED),
    _Sentence("M21", r"Blackout Time end\.", _S.MOVE, _M.BLACKOUT_ENDED),
    _Sentence("M22", r"Workload is running on surrogate LPAR\.", _S.TRANSFER),
    _Sentence(
        "M23",
        r"Completing transfer of system resources from the original to the surrogate LPAR\.",
        _S.TRANSFER,
    ),
    _Sentence("M24", r"Starting cleanup of the original LPAR\.", _S.CLEAN_UP),
    _Sentence("M25", r"Shutting down the Original LPAR\.", _S.CLEAN_UP),
    _Sentence("M26", r"Deleting the original LPAR\.", _S.CLEAN_UP),
    _Sentence("M27", r"The live update operation succeeded\.", _S.DONE, _M.SUCCEEDED),
    _Sentence("M27", r"Live AIX update completed in \d{1,4}h \d{1,2}m \d{1,2}s\.", _S.DONE, _M.SUCCEEDED),
    _Sentence("M28", r"Live AIX update completed\.", _S.DONE, _M.SUCCEEDED),
    _Sentence("M29", r"File /etc/inittab has been modified\.", _S.DONE, _M.NOTE),
    _Sentence(
        "M29",
        r"One or more of the files listed in /etc/check_config\.files have changed\.",
        _S.DONE,
        _M.NOTE,
    ),
    _Sentence("F02", r"1430-030 An error occurred while moving the workload\.", _S.MOVE, _M.NOTE),
    _Sentence("F03", r"1430-025 An error occurred while notifying applications\.", _S.SURROGATE, _M.NOTE),
    _Sentence("F01", r"1430-045 The Live Update operation failed\.", _S.DONE, _M.FAILED),
    _Sentence(
        "F14",
        r"geninstall: {1,8}The live update will not proceed because of an install failure\.",
        _S.INSTALL,
        _M.FAILED,
    ),
)

_PREFIX = rb"(?:(?:[\w.-]{1,64}: |\[[\w.-]{1,64}\] |[>|] )[. \t]{0,80})?"
"""What NIM or a wrapper may put before each line: mostly the client's name."""
_STAMP = rb"(?:(?P<stamp>\d{2}/\d{2}/\d{4}-\d{2}:\d{2}:\d{2})[ \t][. \t]{0,80})?"
_MILESTONE = re.compile(
    _PREFIX + _STAMP + b"(?P<text>" + b"|".join(b"(%b)" % s.pattern.encode() for s in _SENTENCES) + b")"
)
_LEAD = re.compile(rb"[.\s\x00]*")
_LINE_END = re.compile(rb"[\r\n]")
_LONGEST = 480
"""No sentence with prefix and stamp is longer; a line that goes on without one holds none at its start."""


@dataclass(slots=True)
class Recogniser:
    """Takes one stream in pieces and yields its milestones; `offset` is where the stream is joined.

    To resume in the middle, feed the stored bytes again from the start: the result does not depend
    on how they were cut.
    """

    offset: int = 0
    _pending: bytes = b""
    _skipping: bool = False

    def feed(self, data: bytes) -> list[Milestone]:
        """The milestones that these bytes complete."""
        self._pending += data
        found: list[Milestone] = []
        at = self._line_start(0)
        while at < len(self._pending):
            if match := _MILESTONE.match(self._pending, at):
                found.append(self._milestone(match))
                at = match.end()
            elif _LINE_END.search(self._pending, at, at + _LONGEST) or len(self._pending) - at >= _LONGEST:
                self._skipping = True
            else:
                break
            at = self._line_start(at)
        self.offset += at
        self._pending = self._pending[at:]
        return found

    def _line_start(self, at: int) -> int:
        """Where to look next: past a line known to hold no milestone, past dots and blanks."""
        if self._skipping:
            end = _LINE_END.search(self._pending, at)
            if end is None:
                return len(self._pending)
            self._skipping = False
            at = end.end()
        lead = _LEAD.match(self._pending, at)
        return lead.end() if lead else at

    def _milestone(self, match: re.Match[bytes]) -> Milestone:
        groups = match.groups()
        sentence = next(s for s, text in zip(_SENTENCES, groups[2:], strict=True) if text is not None)
        return Milestone(
            id=sentence.id,
            text=match["text"].decode("ascii"),
            offset=self.offset + match.start("text"),
            stretch=sentence.stretch,
            meaning=sentence.meaning,
            stamp=(match["stamp"] or b"").decode("ascii"),
        )


@dataclass(frozen=True, slots=True)
class Course:
    """What a stream's milestones add up to. `succeeded` and `failed` both False: unknown.

    `blackout_s` and `duration_s` are whole seconds by the LPAR's own clock, None where it printed
    none (7.2).
    """

    succeeded: bool
    failed: bool
    past_no_return: bool
    in_blackout: bool
    blackout_s: int | None
    duration_s: int | None


def course(milestones: Iterable[Milestone]) -> Course:
    """Judge a run of Live Update by its milestones, in the order in which they came."""
    seen: dict[Meaning, Milestone] = {}
    for milestone in milestones:
        seen.setdefault(milestone.meaning, milestone)
    started, ended = seen.get(Meaning.BLACKOUT_STARTED), seen.get(Meaning.BLACKOUT_ENDED)
    over = ended or seen.get(Meaning.FAILED) or seen.get(Meaning.SUCCEEDED)
    failed = Meaning.FAILED in seen
    return Course(
        succeeded=Meaning.SUCCEEDED in seen and not failed,
        failed=failed,
        past_no_return=Meaning.POINT_OF_NO_RETURN in seen,
        in_blackout=started is not None and over is None,
        blackout_s=_seconds_between(started, ended),
        duration_s=_duration(seen.get(Meaning.SUCCEEDED)),
    )


def _seconds_between(started: Milestone | None, ended: Milestone | None) -> int | None:
    begin, end = started and started.local_at, ended and ended.local_at
    return int((end - begin).total_seconds()) if begin and end else None


def _duration(success: Milestone | None) -> int | None:
    match = re.search(r"(\d+)h (\d+)m (\d+)s", success.text) if success else None
    if not match:
        return None
    hours, minutes, seconds = (int(part) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds
