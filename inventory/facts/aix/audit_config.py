"""The `start` stanza of /etc/security/audit/config: in which modes auditing starts.

`grep -p` is AIX's: it prints the whole paragraph that matches.
"""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line

_STANZA = re.compile(r"(\w+):")
_ATTRIBUTE = re.compile(r"\s+(\w+)\s*=\s*(\S*)")


@dataclass(frozen=True, slots=True)
class AuditStart:
    """Whether auditing, once started, records in bin mode and in stream mode."""

    binmode: bool
    streammode: bool


def parse(output: Output) -> AuditStart:
    """The two modes. `*` begins a comment; binmode may be `panic`, which is on.

    Stanzas without a blank line between them are one paragraph, so others can stand around this one.
    """
    values: dict[str, str] = {}
    stanza, last = "", first_line(output.stdout)
    for line in filled(answer(output, "grep -p '^start:'")):
        if line.lstrip().startswith("*"):
            continue
        if head := _STANZA.fullmatch(line):
            stanza = head[1]
        elif not stanza:
            raise Unparsable("not a stanza", line)
        elif stanza == "start":
            values.update([_attribute(line)])
            last = line
    if values.get("streammode") not in ("on", "off") or values.get("binmode") not in ("on", "off", "panic"):
        raise Unparsable("binmode or streammode is not given", last)
    return AuditStart(values["binmode"] != "off", values["streammode"] == "on")


def _attribute(line: str) -> tuple[str, str]:
    match = _ATTRIBUTE.fullmatch(line)
    if match is None:
        raise Unparsable("not an attribute", line)
    return match[1], match[2]


AUDIT_CONFIG = Fact(
    "audit_config",
    HostKind.LPAR,
    lambda: aix("grep", "-p", "^start:", "/etc/security/audit/config"),
    parse,
    version=2,
)
