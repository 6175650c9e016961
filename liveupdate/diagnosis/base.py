"""What a failure signature is, and what it says of an output."""

import re
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Next(StrEnum):
    """What may follow: cure before the run, cure and run again once, or a person decides."""

    PREPARE = "prepare"
    RETRY = "retry"
    PERSON = "person"


class Rank(IntEnum):
    """How much a signature explains; lower comes first and hides higher ones on its own lines.

    `CATCH_ALL` shows a message that no other signature knows; `ENVELOPE` says only where it failed.
    """

    CAUSE = 0
    CATCH_ALL = 1
    ENVELOPE = 2


@dataclass(frozen=True, slots=True)
class Signature:
    """A known trace of a failure (`P1` … `P8`, `F01` … of the handbook).

    `pattern` (regex, `^` and `$` at lines) is the trace; its named groups, and those of `details`,
    become the diagnosis's values. `needs` must be found somewhere too, `unless` must not. `covers`
    names signatures that say less about the same failure.
    """

    id: str
    title: str
    pattern: str
    cause: str
    remedy: str
    next: Next = Next.PERSON
    rank: Rank = Rank.CAUSE
    details: tuple[str, ...] = ()
    needs: str = ""
    unless: str = ""
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A signature found in an output: the lines that show it (numbered from 1) and what they name."""

    signature: Signature
    lines: tuple[tuple[int, str], ...]
    values: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The diagnosis as pages and `--json` show it."""
        return {
            "id": self.signature.id,
            "title": self.signature.title,
            "cause": self.signature.cause,
            "remedy": self.signature.remedy,
            "next": self.signature.next.value,
            "rank": self.signature.rank.name.lower(),
            "lines": [{"number": number, "text": text} for number, text in self.lines],
            "values": self.values,
        }


def find(signature: Signature, text: str) -> Diagnosis | None:
    """The signature's trace in `text`, or None."""
    traces = list(re.finditer(signature.pattern, text, re.MULTILINE))
    if not traces:
        return None
    if signature.needs and not re.search(signature.needs, text, re.MULTILINE):
        return None
    if signature.unless and re.search(signature.unless, text, re.MULTILINE):
        return None
    details = [m for p in signature.details if (m := re.search(p, text, re.MULTILINE))]
    values: dict[str, str] = {}
    for match in [*traces, *details]:
        for name, value in match.groupdict().items():
            if value is not None:
                values.setdefault(name, value)
    return Diagnosis(signature, tuple(dict.fromkeys(_line(text, m.start()) for m in traces)), values)


def _line(text: str, at: int) -> tuple[int, str]:
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return text.count("\n", 0, at) + 1, text[start : end if end >= 0 else len(text)].strip()
