"""Command texts that need no shell to be understood: words with nothing to expand, join or redirect."""

import re
import shlex
from dataclasses import dataclass

_WORD = r"""(?:[\w./:,=+@%-]|'[^']*'|"[^"$`\\!]*")+"""
_TEXT = re.compile(rf"(?:LC_ALL=(?P<locale>\w*) +)?(?P<words>{_WORD}(?: +{_WORD})*) *", re.ASCII)
_ASSIGNMENT = re.compile(r"\w+=")


@dataclass(frozen=True, slots=True)
class Plain:
    """A command as a shell would run it: its words, and LC_ALL if the text sets it."""

    words: tuple[str, ...]
    locale: str


def plain(text: str) -> Plain | None:
    """The command that a text stands for; None when only a shell can tell."""
    found = _TEXT.fullmatch(text)
    if found is None or _ASSIGNMENT.match(found["words"]):
        return None
    return Plain(tuple(shlex.split(found["words"])), found["locale"] or "")
