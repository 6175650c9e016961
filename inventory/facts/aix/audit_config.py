"""The `start` stanza of /etc/security/audit/config: in which modes auditing starts.

`grep -p` is AIX's: it prints the whole paragraph that matches.
"""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_ATTRIBUTE = re.compile(r"\s+(\w+)\s*=\s*(\S*)")


@dataclass(frozen=True, slots=True)
class AuditStart:
    """Whether auditing, once started, records in bin mode and in stream mode."""

    binmode: bool
    streammode: bool


def parse(output: Output) -> AuditStart:
    """The two modes. `*` begins a comment; binmode may be `panic`, which is on."""
    lines = [
        line for line in filled(answer(output, "grep -p '^start:'")) if not line.lstrip().startswith("*")
    ]
    if not lines or lines[0] != "start:":
        raise Unparsable("not the start stanza", lines[0] if lines else "")
    values: dict[str, str] = {}
    for line in lines[1:]:
        match = _ATTRIBUTE.fullmatch(line)
        if match is None:
            raise Unparsable("not an attribute", line)
        values[match[1]] = match[2]
    if values.get("streammode") not in ("on", "off") or values.get("binmode") not in ("on", "off", "panic"):
        raise Unparsable("binmode or streammode is not given", lines[-1])
    return AuditStart(values["binmode"] != "off", values["streammode"] == "on")


AUDIT_CONFIG = Fact(
    "audit_config", HostKind.LPAR, lambda: aix("grep", "-p", "^start:", "/etc/security/audit/config"), parse
)
