"""The `WPARS` stanza of /etc/security/audit/config: which workload partitions are audited.

`grep -p` is AIX's: it prints the whole paragraph that matches. It is asked for only where there are
workload partitions, so the stanza's name is a parameter.
"""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line

STANZA = "WPARS"

_ATTRIBUTE = re.compile(r"\s+([^\s=]+)\s*=\s*(\S.*)?")


def _build(stanza: str) -> Command:
    return aix("grep", "-p", f"^{stanza}:", "/etc/security/audit/config")


def parse(output: Output) -> tuple[str, ...]:
    """The workload partitions in the order listed, none without the stanza. `*` begins a comment."""
    lines = answer(output, "grep -p '^WPARS:'", statuses=(0, 1))
    said = [line for line in filled(lines) if not line.lstrip().startswith("*")]
    if output.status == 1:
        complaint = first_line(output.stdout) or first_line(output.stderr)
        if complaint:
            raise Unparsable("grep complains", complaint)
        return ()
    if not said or said[0] != f"{STANZA}:":
        raise Unparsable("not the WPARS stanza", said[0] if said else "")
    names = []
    for line in said[1:]:
        match = _ATTRIBUTE.fullmatch(line)
        if match is None:
            raise Unparsable("not an attribute", line)
        names.append(match[1])
    return tuple(names)


AUDIT_WPARS = Fact("audit_wpars", HostKind.LPAR, _build, parse, params=("audit_stanza",))
