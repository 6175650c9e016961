"""The `WPARS` stanza of /etc/security/audit/config: which workload partitions are audited.

`grep -p` is AIX's: it prints the whole paragraph that matches. It is asked for only where there are
workload partitions, so the stanza's name is a parameter.
"""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line

STANZA = "WPARS"

_HEAD = re.compile(r"(\w+):")
_ATTRIBUTE = re.compile(r"\s+([^\s=]+)\s*=\s*(\S.*)?")


def _build(stanza: str) -> Command:
    return aix("grep", "-p", f"^{stanza}:", "/etc/security/audit/config")


def parse(output: Output) -> tuple[str, ...]:
    """The workload partitions in the order listed, none without the stanza. `*` begins a comment.

    Stanzas without a blank line between them are one paragraph, so others can stand around this one.
    """
    lines = answer(output, "grep -p '^WPARS:'", statuses=(0, 1))
    complaint = first_line(output.stdout) or first_line(output.stderr)
    if output.status == 1:
        if complaint:
            raise Unparsable("grep complains", complaint)
        return ()
    names: list[str] = []
    stanza = ""
    found = False
    for line in filled(lines):
        if line.lstrip().startswith("*"):
            continue
        if head := _HEAD.fullmatch(line):
            stanza = head[1]
            found = found or stanza == STANZA
        elif not stanza:
            raise Unparsable("not a stanza", line)
        elif stanza == STANZA:
            names.append(_name(line))
    if not found:
        raise Unparsable("not the WPARS stanza", complaint)
    return tuple(names)


def _name(line: str) -> str:
    match = _ATTRIBUTE.fullmatch(line)
    if match is None:
        raise Unparsable("not an attribute", line)
    return match[1]


AUDIT_WPARS = Fact("audit_wpars", HostKind.LPAR, _build, parse, params=("audit_stanza",))
