"""`uname` with one letter: model, system and machine identifiers, release, WPAR."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line
from inventory.formats.base import Format
from inventory.formats.spelling import Invocation

_FORMS = {
    "M": r"[A-Z]+,\S+",
    "u": r"[A-Z]+,\S+",
    "m": r"[0-9A-Fa-fXx]{12}",
    "W": r"[0-9]+",
    "n": r"\S+",
    "s": r"AIX",
    "p": r"powerpc|unknown",
    "rvp": r"(?P<release>[0-9]) (?P<version>[0-9]) (?P<processor>powerpc|unknown)",
    "a": r"AIX (?P<node>\S+) (?P<release>[0-9]) (?P<version>[0-9]) (?P<machine>[0-9A-Fa-fXx]{12})",
}


def read(output: Output, given: Invocation) -> str | dict[str, str]:
    """What the letters ask for: one word, or `-rvp` and `-a` as a record."""
    letters = "".join(given.options) or "s"
    form = next((form for name, form in _FORMS.items() if sorted(name) == sorted(letters)), r"(?!)")
    line = only_line(answer(output, "uname", closed=_FORMS["m"]), "answer of uname").strip()
    match = re.fullmatch(form, line)
    if match is None:
        raise Unparsable(f"not what uname -{letters} prints", line)
    return match.groupdict() or line


UNAME = Format("uname", HostKind.LPAR, ("uname", *(f"uname -{letters}" for letters in _FORMS)), read)
