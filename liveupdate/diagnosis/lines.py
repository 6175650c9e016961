"""Lines as they come out of terminals and logs, brought to the form that signatures are written for."""

import re
from collections.abc import Iterator, Sequence

from liveupdate.diagnosis.records import GLUED

_CONTROL = re.compile(
    r"\x1b\[[0-9;?]{0,40}[ -/]?[@-~]|\x1b[()#][\w]|\x1b\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|\x1b."
)
_QUOTES = str.maketrans(dict.fromkeys("\u2018\u2019\u00ab\u00bb\u201c\u201d", "'"))
_UNPRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff\u200b]")
_RUBBED_OUT = re.compile(r"[^\x08]\x08")
_CARRIED = re.compile(
    r"""(?:[>|]\s?)*
    (?:(?:<\d{1,3}>(?:1\s)?)?
      (?:[A-Z][a-z]{2}\s\d{1,2}\s\d{2}:\d{2}:\d{2}
      |\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2}))
      \s[\w.:-]{1,255}\s(?:\w{1,16}:\w{1,16}\s)?[\w./-]{1,80}(?:\[\d{1,10}\])?:\s
    )?""",
    re.VERBOSE,
)
_LEAD = re.compile(
    r"""(?:[.\s>|"'`*#]+(?=[^.])
    |\d{2}/\d{2}/\d{4}[-\s]\d{2}:\d{2}:\d{2}\s
    |\[?\d{4}-\d{2}-\d{2}[T\s]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?\]?\s
    |[A-Z][a-z]{2}\s{1,2}\d{1,2}\s\d{2}:\d{2}:\d{2}\s
    )""",
    re.VERBOSE,
)
_RECORD_BEGINS = re.compile(
    r"[.\s>|\"']*(?:\d{2}/\d{2}/\d{4}-|\[\d{4}-|\[RPP#|mcr: |[A-Z]{0,16}LVUPD[A-Z]{0,16} \d"
    r"|\d{4}-\d{3}\b|\S*[#$] )"
)
LOOKAHEAD = 3
"""How many further lines a wrapped message may take."""


def clean(text: str) -> str:
    """A line without control sequences, what was rubbed out, repeated blanks and curved quotes."""
    if "\x1b" in text:
        text = _CONTROL.sub("", text)
    while "\x08" in text and (shorter := _RUBBED_OUT.sub("", text)) != text:
        text = shorter
    return " ".join(_UNPRINTED.sub(" ", text).translate(_QUOTES).split())


def delivered(text: str) -> str:
    """A cleaned line without what mails and syslog put before each: quote marks; time, host and program."""
    match = _CARRIED.match(text)
    return text[match.end() :] if match else text


def bare(text: str) -> str:
    """A cleaned line without the dots, quotes and times that may stand before its text."""
    text = delivered(text)
    while match := _LEAD.match(text):
        text = text[match.end() :]
    return text


def pieces(line: str) -> list[str]:
    """The cleaned records of one line: mostly one, more where line ends were lost."""
    return [part.strip() for part in GLUED.split(clean(line)) if part.strip()]


def joined(text: str, following: Sequence[str]) -> Iterator[str]:
    """The record with one, two … of the lines that may continue it: after a blank, and without one."""
    words = glued = text
    for line in following[:LOOKAHEAD]:
        more = delivered(clean(line))
        if not more or _RECORD_BEGINS.match(more):
            return
        words, glued = f"{words} {more}", glued + more
        yield words
        yield glued
