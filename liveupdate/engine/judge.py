"""Decides whether a step's outcome is what its plan expects. Pure."""

import re
from dataclasses import dataclass

from liveupdate.procedures.step import Expect


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left: its exit status as seen (None: unknown) and both streams."""

    status: int | None
    stdout: bytes = b""
    stderr: bytes = b""

    def text(self) -> str:
        """Both streams as text; a terminal's CR LF reads as LF."""
        return _text(self.stdout) + "\n" + _text(self.stderr)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the expectation is met, and in a sentence what is missing."""

    met: bool
    message: str = ""


def judge(expect: Expect, outcome: Outcome, saved: bytes | None = None) -> Judgement:
    """Compare an outcome with its expectation; `saved` is the output that `equals_saved` names."""
    problems = [*_status(expect, outcome), *_patterns(expect, outcome.text())]
    if expect.equals_saved:
        problems.extend(_difference(expect.equals_saved, saved, outcome.stdout))
    if not problems:
        return Judgement(True)
    said = _last_words(outcome) if outcome.status not in expect.statuses else ""
    return Judgement(False, " ".join([*problems, said]).strip())


def _status(expect: Expect, outcome: Outcome) -> list[str]:
    if outcome.status in expect.statuses:
        return []
    wanted = " or ".join(str(status) for status in expect.statuses)
    seen = "no exit status" if outcome.status is None else f"exit status {outcome.status}"
    return [f"It ended with {seen}, expected was {wanted}."]


def _patterns(expect: Expect, text: str) -> list[str]:
    missing = [
        f"Its output says nothing that matches {pattern!r}."
        for pattern in expect.has
        if not re.search(pattern, text, re.MULTILINE)
    ]
    for pattern in expect.lacks:
        if found := re.search(pattern, text, re.MULTILINE):
            line = text[text.rfind("\n", 0, found.start()) + 1 :].split("\n", 1)[0]
            missing.append(f"Its output says {line.strip()!r}.")
    return missing


def _difference(step: str, saved: bytes | None, now: bytes) -> list[str]:
    if saved is None:
        return [f"The output of {step}, which it must repeat, is not there."]
    before, after = _lines(saved), _lines(now)
    if before == after:
        return []
    gone = [line for line in before if line not in after]
    new = [line for line in after if line not in before]
    parts = [f"missing {line!r}" for line in gone[:3]] + [f"new {line!r}" for line in new[:3]]
    return [f"It differs from {step}: {', '.join(parts) or 'lines are repeated differently'}."]


def _lines(content: bytes) -> list[str]:
    return sorted(line.rstrip() for line in _text(content).splitlines() if line.strip())


def _last_words(outcome: Outcome) -> str:
    for stream in (outcome.stderr, outcome.stdout):
        lines = [line.strip() for line in _text(stream).splitlines() if line.strip()]
        if lines:
            return f"Its last line: {lines[-1][:300]}"
    return ""


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace").replace("\r\n", "\n")
