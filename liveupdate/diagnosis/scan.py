"""Reads a log once, in blocks, and keeps the traces and marks of each attempt in it.

Only lines that hold an anchor are looked at closely, so that a log of hundreds of megabytes takes
seconds and little memory.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from liveupdate.diagnosis import lines
from liveupdate.diagnosis.base import Mark, Signature, Source
from liveupdate.diagnosis.kinds import kind_of
from liveupdate.diagnosis.marks import AGAIN, AGAIN_ANCHORS, ENDED, NEWEST_FIRST, NEWEST_LAST, SIGHTS, Sight
from liveupdate.diagnosis.records import LOUD, Record, record_in

BLOCK = 1 << 20
HEAD = 1 << 18
"""Bytes by which the kind of a file is recognised."""
LONGEST = 4000
"""Bytes of a line that are looked at, on either side of its anchor."""
PAUSE_S = 1800
"""A log that is silent for so long goes on with another attempt."""
ENOUGH = 2000
"""Lines with one anchor that are looked at in one attempt."""
KEPT = 50
"""Traces of one signature that an attempt keeps."""
TELLING_ANCHORS = ("error", "fatal", "fail", "denied", "cannot", "unable")
_TELLING = re.compile(
    r"(?i)\b(?:error|fatal|failed|failure|denied|cannot|unable|not permitted)\b|\b(?!0516)\d{4}-\d{3}\b"
)
_NUMBER = re.compile(r"\d{4}-")
_DECISIVE = frozenset({b"succeeded", b"1430-"})
"""Roots of which every line counts, however many there are: they tell how it ended."""
_CLOCK = re.compile(rb"LVUPD[A-Z]{0,16}\s+(\d{9,11})")
_TERMINATOR = re.compile(rb"[\r\n]")


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of a file that a signature matched; `number` counts from 1, `record` is its log record."""

    file: str
    number: int
    text: str
    values: Mapping[str, str] = field(default_factory=dict)
    record: Record | None = None


@dataclass(slots=True)
class Attempt:
    """What one attempt left in a file: traces by signature, marks by their last sight, the log's clock."""

    traces: dict[str, list[Trace]] = field(default_factory=dict)
    marks: dict[Mark, None] = field(default_factory=dict)
    telling: list[Trace] = field(default_factory=list)
    first: int | None = None
    last: int | None = None

    @property
    def verdict(self) -> Mark | None:
        """How it ended by its own words, or None: `SUCCEEDED`, `FAILED` or `REFUSED`."""
        return next((mark for mark in reversed(self.marks) if mark in ENDED), None)

    def mark(self, mark: Mark) -> None:
        """Leave a mark."""
        if mark in NEWEST_FIRST and NEWEST_FIRST & self.marks.keys():
            return
        for other in NEWEST_LAST if mark in NEWEST_LAST else {mark}:
            self.marks.pop(other, None)
        self.marks[mark] = None

    def within(self, window: tuple[datetime, datetime]) -> bool:
        """Whether it ran in the window, as far as there is a clock to tell."""
        if self.first is None or self.last is None:
            return True
        begin, end = (moment.timestamp() for moment in window)
        return self.first <= end and self.last >= begin


@dataclass(slots=True)
class _Tables:
    """What is searched for: the anchors below each root, and what each anchor calls for."""

    called: dict[str, list[Sight | Signature]] = field(default_factory=lambda: defaultdict(list))
    anchors: dict[bytes, list[str]] = field(default_factory=lambda: defaultdict(list))
    patterns: dict[str, re.Pattern[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, signatures: Sequence[Signature]) -> "_Tables":
        tables = cls()
        searched: list[Sight | Signature] = [*SIGHTS, *signatures]
        for each in searched:
            tables.patterns[each.pattern] = re.compile(each.pattern)
            for anchor in each.anchors:
                tables.called[anchor.lower()].append(each)
        for anchor in dict.fromkeys([*tables.called, *AGAIN_ANCHORS, *TELLING_ANCHORS]):
            tables.anchors[_root(anchor)].append(anchor)
        return tables

    def called_by(self, text: str, roots: Iterable[bytes]) -> list[Sight | Signature]:
        """What the anchors in a text call for, each once."""
        lowered = text.lower()
        held = [anchor for root in roots for anchor in self.anchors[root] if anchor in lowered]
        return list({id(each): each for anchor in held for each in self.called.get(anchor, ())}.values())


class Scanner:
    """Takes a file's bytes and gathers its attempts."""

    def __init__(self, file: str, signatures: Sequence[Signature]) -> None:
        self.file = file
        self.attempts = [Attempt()]
        self._tables = _Tables.of(signatures)
        self.kind = Source.OTHER
        self._seen: dict[bytes, int] = defaultdict(int)
        self._line = 1

    def read(self, stream: BinaryIO) -> None:
        """The whole stream."""
        for number, (block, ahead) in enumerate(_blocks(stream)):
            if number == 0:
                self.kind = kind_of(_text(block[:HEAD]))
            self._take(block, ahead)

    def _take(self, block: bytes, ahead: bytes) -> None:
        """One block of whole lines; `ahead` is the beginning of what follows it."""
        start = 0
        for jump in self._jumps(block):
            self._take_lines(block[start : jump.at], block[jump.at : jump.at + LONGEST] or ahead)
            self._follow(jump)
            start = jump.at

    def _take_lines(self, block: bytes, ahead: bytes) -> None:
        """A part of a block that belongs to one attempt by the log's clock."""
        counted_to = 0
        for start, anchors in self._candidates(block):
            self._line += block.count(b"\n", counted_to, start)
            counted_to = start
            self._look(block, ahead, start, anchors)
        self._line += block.count(b"\n", counted_to)

    def _jumps(self, block: bytes) -> list["_Jump"]:
        """Where in the block the log's clock jumped, and at last how far it came."""
        jumps: list[_Jump] = []
        before, clock = b"", self.attempts[-1].last
        for match in _CLOCK.finditer(block):
            if match[1] == before:
                continue
            before, now = match[1], int(match[1])
            if clock is None or abs(now - clock) > PAUSE_S:
                jumps.append(_Jump(_line_start(block, match.start()), clock, now))
            clock = now
        return [*jumps, _Jump(len(block), clock, clock)]

    def _follow(self, jump: "_Jump") -> None:
        attempt = self.attempts[-1]
        attempt.last = jump.before
        if jump.before is None:
            attempt.first = attempt.last = jump.after
        elif jump.after != jump.before:
            self._begin(Attempt(first=jump.after, last=jump.after))

    def _begin(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        self._seen.clear()

    def _candidates(self, block: bytes) -> list[tuple[int, set[bytes]]]:
        """Where the lines begin that hold an anchor, with the roots of those they hold."""
        found: dict[int, set[bytes]] = defaultdict(set)
        text = block.lower()
        for root in self._tables.anchors:
            at = text.find(root)
            while at >= 0:
                self._seen[root] += 1
                if self._seen[root] > ENOUGH and root not in _DECISIVE:
                    break
                found[_line_start(block, at)].add(root)
                at = text.find(root, _line_end(block, at))
        return sorted(found.items())

    def _look(self, block: bytes, ahead: bytes, start: int, roots: set[bytes]) -> None:
        end = _line_end(block, start)
        parts = lines.pieces(_text(block[start:end]))
        for part in parts:
            following = _lines_after(block, ahead, end) if part is parts[-1] else []
            self._look_at(part, following, roots)

    def _look_at(self, printed: str, following: Sequence[str], roots: set[bytes]) -> None:
        text, attempt = lines.bare(printed), self.attempts[-1]
        if attempt.verdict and AGAIN.search(text):
            attempt = Attempt(first=attempt.last, last=attempt.last)
            self._begin(attempt)
        record = record_in(text)
        called = self._tables.called_by(printed, roots)
        sights = [each for each in called if isinstance(each, Sight)]
        marks = self._marks_in(text, sights)
        torn = [sight for sight in sights if sight.mark not in marks]
        for mark in [*marks, *self._marks_torn(printed, following, torn)]:
            attempt.mark(mark)
        for each in called:
            if isinstance(each, Sight) or (each.errors_only and record and record.is_quiet):
                continue
            traces = attempt.traces.setdefault(each.id, [])
            if len(traces) < KEPT:
                traces += self._traces(each, printed, following, record)
        if len(attempt.telling) < KEPT and _tells(text, record):
            attempt.telling.append(Trace(self.file, self._line, printed, {}, record))

    def _marks_in(self, text: str, sights: Sequence[Sight]) -> list[Mark]:
        patterns = self._tables.patterns
        found = [
            (match.start(), sight.mark)
            for sight in sights
            for match in patterns[sight.pattern].finditer(text)
        ]
        return [mark for _, mark in sorted(found)]

    def _marks_torn(self, printed: str, following: Sequence[str], sights: Sequence[Sight]) -> list[Mark]:
        """The marks of sentences that begin in this line and go on in those after it."""
        patterns, length = self._tables.patterns, len(lines.bare(printed))
        marks: dict[Mark, None] = {}
        for text in lines.joined(printed, following) if sights else ():
            found = [(patterns[sight.pattern].search(lines.bare(text)), sight.mark) for sight in sights]
            marks |= {mark: None for match, mark in found if match and match.start() < length}
        return list(marks)

    def _traces(
        self, signature: Signature, printed: str, following: Sequence[str], record: Record | None
    ) -> list[Trace]:
        pattern, text = self._tables.patterns[signature.pattern], printed
        matches = list(pattern.finditer(lines.bare(text)))
        if not matches:
            for text in lines.joined(printed, following):
                if matches := list(pattern.finditer(lines.bare(text))):
                    break
        values = [{name: value for name, value in m.groupdict().items() if value} for m in matches]
        return [Trace(self.file, self._line, text, each, record) for each in values]


@dataclass(frozen=True, slots=True)
class _Jump:
    """The log's clock shows `after` from byte `at` on, `before` until then."""

    at: int
    before: int | None
    after: int | None


def _blocks(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Blocks of whole lines, each with the beginning of the next."""
    ready, rest = b"", b""
    while data := stream.read(BLOCK):
        rest += data
        end = max(rest.rfind(b"\n"), rest.rfind(b"\r", 0, -1)) + 1
        if not end and len(rest) < BLOCK:
            continue
        block, rest = (rest[:end], rest[end:]) if end else (rest, b"")
        if ready:
            yield ready, block[:LONGEST]
        ready = block
    if ready:
        yield ready, rest[:LONGEST]
    if rest:
        yield rest, b""


def _root(anchor: str) -> bytes:
    """The bytes that are searched for an anchor: message numbers of one program share theirs."""
    return (anchor[:5] if _NUMBER.match(anchor) else anchor).encode()


def _tells(text: str, record: Record | None) -> bool:
    if record and record.level:
        return record.level in LOUD or "DENY" in text
    return _TELLING.search(text) is not None


def _line_start(block: bytes, at: int) -> int:
    low = max(0, at - LONGEST)
    start = max(block.rfind(b"\n", low, at), block.rfind(b"\r", low, at)) + 1
    return start or low


def _line_end(block: bytes, at: int) -> int:
    match = _TERMINATOR.search(block, at, at + 2 * LONGEST)
    return match.start() if match else min(len(block), at + 2 * LONGEST)


def _lines_after(block: bytes, ahead: bytes, end: int) -> list[str]:
    after = block[end : end + LONGEST]
    if len(after) < LONGEST:
        after += ahead
    return [_text(line) for line in after.splitlines()[1 : 1 + lines.LOOKAHEAD]]


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")
