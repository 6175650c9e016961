"""`lssec … tsddat secorder`: where the trusted signature database is looked up."""

import re

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line

_ORDER = re.compile(r"tsddat\s+secorder=(\S*)")


def parse(output: Output) -> tuple[str, ...]:
    """The sources in order, e.g. `("LDAP", "files")`; empty when the attribute is not set."""
    line = only_line(answer(output, "lssec"), "lookup order")
    match = _ORDER.fullmatch(line.strip())
    if match is None:
        raise Unparsable("not the lookup order of tsddat", line)
    return tuple(source for source in match[1].split(",") if source)


SECORDER = Fact(
    "secorder",
    HostKind.LPAR,
    lambda: aix("lssec", "-f", "/etc/nscontrol.conf", "-s", "tsddat", "-a", "secorder"),
    parse,
)
