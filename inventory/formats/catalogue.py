"""All formats: those of the facts, then those beside this module, found by walking."""

import difflib

import inventory.formats
from inventory.facts.base import HostKind
from inventory.facts.catalogue import FACTS
from inventory.formats.base import Format, of_fact
from inventory.formats.spelling import LEFT_OUT, Invocation, invocation
from portal.lib.discover import constants

_OWN = constants(inventory.formats, Format, skip=frozenset({__name__}))
FORMATS: tuple[Format, ...] = (
    *(of_fact(fact) for fact in FACTS),
    *sorted(_OWN, key=lambda each: each.name),
)


def formats_of(given: Invocation, host: HostKind | None = None) -> list[Format]:
    """The formats that a command line may print, the closest first.

    A line that leaves a value out (`lsvg` without a group) may be several commands; one that is known
    word for word (`cat /etc/niminfo`) is not a general one as well (`cat <file>`). What an HMC lets a
    VIOS run (`viosvrcmd … -c "lspv"`) is that VIOS's command.
    """
    inner = given.options.get("c")
    if given.program == "viosvrcmd" and inner and not _near(given, host):
        return formats_of(invocation(inner), HostKind.VIOS)
    near = _near(given, host)
    closest = min(near, default=(0, 0))[0]
    return [FORMATS[place] for far, place in sorted(near) if far == closest or far >= LEFT_OUT]


def _near(given: Invocation, host: HostKind | None) -> list[tuple[int, int]]:
    """The distance and the place of each format that the command line may be of."""
    near = []
    for place, each in enumerate(FORMATS):
        distances = [far for template in each.templates if (far := template.distance(given)) is not None]
        if distances and host in (None, each.host):
            near.append((min(distances), place))
    return near


def similar(line: str) -> list[str]:
    """The known command lines that are written most like this one."""
    known = {command: None for each in FORMATS for command in each.commands}
    program = [command for command in known if command.split()[0] == (line.split() or [""])[0]]
    return program or difflib.get_close_matches(line, list(known), 5, 0.5)
