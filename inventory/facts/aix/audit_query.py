"""`audit query`: whether AIX auditing runs."""

import re

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_STATE = re.compile(r"auditing (on|off)\b.*")


def parse(output: Output) -> bool:
    """Whether auditing is on; the events and objects that follow are not looked at."""
    lines = filled(answer(output, "audit query", closed=r"auditing (?:on|off)\s*|(?!auditing).*"))
    match = _STATE.fullmatch(lines[0].strip()) if lines else None
    if match is None:
        raise Unparsable("not a state of auditing", lines[0] if lines else "")
    return match[1] == "on"


AUDIT_QUERY = Fact("audit_query", HostKind.LPAR, lambda: aix("audit", "query"), parse)
