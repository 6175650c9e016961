"""Decides whether a step's outcome is what its plan expects. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from liveupdate.engine.reading import Pieces, Window, filled_lines, fingerprint, last_line, text_of, windows
from liveupdate.procedures.step import Expect

SHOWN, LONGEST = 3, 300
"""Lines that a message shows of a difference, and characters of a line."""
ESCAPED = re.compile(r"\\([^\w\s])")
SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
MOST_COMPARED = 10_000
"""Lines of an output that are compared one by one to say where two outputs differ."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left: its exit status as seen (None: unknown) and both streams."""

    status: int | None
    stdout: Pieces = ()
    stderr: Pieces = ()

    def windows(self) -> Iterator[Window]:
        """Both streams as one text, in windows."""
        return windows(chain(text_of(self.stdout), ["\n"], text_of(self.stderr)))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the expectation is met, and in a sentence what is missing."""

    met: bool
    message: str = ""


def judge(expect: Expect, outcome: Outcome, saved: Pieces | None = None) -> Judgement:
    """Compare an outcome with its expectation; `saved` is the output that `equals_saved` names."""
    problems = [*_status(expect, outcome), *_patterns(expect, outcome)]
    if expect.equals_saved:
        problems.extend(_difference(expect.equals_saved, saved, outcome.stdout))
    if not problems:
        return Judgement(True)
    said = "" if outcome.status in expect.statuses else last_line(outcome.stderr) or last_line(outcome.stdout)
    if said and not any(said[:LONGEST] in problem for problem in problems):
        problems.append(f"Its last line: {said[:LONGEST]}")
    return Judgement(False, " ".join(problems))


def _status(expect: Expect, outcome: Outcome) -> list[str]:
    if outcome.status in expect.statuses:
        return []
    wanted = " or ".join(str(status) for status in expect.statuses)
    seen = "no exit status" if outcome.status is None else f"exit status {outcome.status}"
    return [f"It ended with {seen}, expected was {wanted}."]


def _patterns(expect: Expect, outcome: Outcome) -> list[str]:
    missing, unwanted = list(expect.has), list(expect.lacks)
    said: dict[str, str] = {}
    if not missing and not unwanted:
        return []
    for window in outcome.windows():
        missing = [each for each in missing if not window.search(each)]
        for pattern in unwanted:
            if pattern not in said and (found := window.search(pattern)):
                line = window.text.rfind("\n", 0, found.start()) + 1
                said[pattern] = window.text[line : line + LONGEST].split("\n", 1)[0].strip()
    return [
        *(f"Its output says {said[pattern]!r}." for pattern in unwanted if pattern in said),
        *(f"Its output does not say {_readable(pattern)}." for pattern in missing),
    ]


def _readable(pattern: str) -> str:
    """A plain sentence as it would be printed; any other pattern as it is."""
    rest = ESCAPED.sub("", pattern)
    return repr(ESCAPED.sub(r"\1", pattern)) if not SPECIAL.search(rest) else f"what matches {pattern}"


def _difference(step: str, saved: Pieces | None, now: Pieces) -> list[str]:
    if saved is None:
        return [f"The output of {step}, which it must repeat, is not there."]
    if fingerprint(saved) == fingerprint(now):
        return []
    before, after = (list(islice(filled_lines(pieces), MOST_COMPARED + 1)) for pieces in (saved, now))
    if max(len(before), len(after)) > MOST_COMPARED:
        return [f"It differs from {step}."]
    gone, new = set(before) - set(after), set(after) - set(before)
    parts = [
        *(f"missing {line[:LONGEST]!r}" for line in sorted(gone)[:SHOWN]),
        *(f"new {line[:LONGEST]!r}" for line in sorted(new)[:SHOWN]),
    ]
    return [f"It differs from {step}: {', '.join(parts) or 'lines are repeated differently'}."]
