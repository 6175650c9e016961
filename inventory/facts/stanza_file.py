"""An AIX stanza file without loss: every byte of it is in some line, and what AIX reads of it is told apart.

A stanza's name begins in column 0 and ends with a colon; its attributes begin with white space. A key
that begins in column 0 is skipped by AIX without a word, and so is a key before the first stanza.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r)|([^\r\n]+)\Z")
_STANZA = re.compile(r"(?P<stanza>\w+):\s*")
_ATTRIBUTE = re.compile(r"(?P<indent>\s*)(?P<key>\w+)\s*=\s*(?P<value>.*?)\s*")


class LineKind(StrEnum):
    """What a line is to AIX: only stanzas and attributes count."""

    BLANK = "blank"
    COMMENT = "comment"
    STANZA = "stanza"
    ATTRIBUTE = "attribute"
    SKIPPED = "skipped"
    """A key in column 0 or before the first stanza."""
    OTHER = "other"
    """Neither of these."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands, with its end; `stanza` is the one that it belongs to or names."""

    number: int
    text: str
    end: str
    kind: LineKind
    stanza: str = ""
    key: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class StanzaFile:
    """The lines of a file, in order."""

    lines: tuple[Line, ...]

    def text(self) -> str:
        """The file as it was read, byte for byte."""
        return "".join(line.text + line.end for line in self.lines)

    def attributes(self) -> Iterator[Line]:
        """The attributes that AIX reads."""
        return (line for line in self.lines if line.kind is LineKind.ATTRIBUTE)

    def value(self, stanza: str, key: str) -> str:
        """The value that AIX takes, empty for a key that is blank or not there; the last one counts."""
        found = [each.value for each in self.attributes() if (each.stanza, each.key) == (stanza, key)]
        return found[-1] if found else ""

    def stanzas(self) -> dict[str, dict[str, str]]:
        """What AIX reads: keys and values by stanza."""
        found: dict[str, dict[str, str]] = {}
        for line in self.lines:
            if line.kind is LineKind.STANZA:
                found.setdefault(line.stanza, {})
            elif line.kind is LineKind.ATTRIBUTE:
                found[line.stanza][line.key] = line.value
        return found


def parse_stanza_file(text: str) -> StanzaFile:
    """The lines of a text, whatever it holds: nothing is refused and nothing is lost."""
    lines = []
    stanza = ""
    for number, found in enumerate(_LINE.finditer(text), start=1):
        line = _line(number, found[1] if found[3] is None else found[3], found[2] or "", stanza)
        stanza = line.stanza
        lines.append(line)
    return StanzaFile(tuple(lines))


def _line(number: int, text: str, end: str, stanza: str) -> Line:
    if not text.strip():
        return Line(number, text, end, LineKind.BLANK, stanza)
    if text.lstrip().startswith("#"):
        return Line(number, text, end, LineKind.COMMENT, stanza)
    if head := _STANZA.fullmatch(text):
        return Line(number, text, end, LineKind.STANZA, head["stanza"])
    match = _ATTRIBUTE.fullmatch(text)
    if match is None:
        return Line(number, text, end, LineKind.OTHER, stanza)
    kind = LineKind.ATTRIBUTE if match["indent"] and stanza else LineKind.SKIPPED
    return Line(number, text, end, kind, stanza, match["key"], match["value"])
