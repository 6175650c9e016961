"""`lvupdateRegScript -l`: the scripts that Live Update calls in its phases."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_HEAD = re.compile(r"(orig|surr),(LVUP_\w+),([0-9]{1,2}):")
_SCRIPT = re.compile(r"\s+(\S+)\s*=\s*(\S.*)")


@dataclass(frozen=True, slots=True)
class NotificationScript:
    """One registered script: the side it runs on (`orig`, `surr`), its phase, priority and command."""

    side: str
    phase: str
    priority: int
    label: str
    command: str


def parse(output: Output) -> tuple[NotificationScript, ...]:
    """The scripts in the order listed."""
    scripts = []
    head: re.Match[str] | None = None
    for line in filled(answer(output, "lvupdateRegScript -l")):
        script = _SCRIPT.fullmatch(line)
        if script is None:
            head = _HEAD.fullmatch(line.strip())
        if head is None:
            raise Unparsable("neither a phase nor a script of one", line)
        if script is not None:
            scripts.append(NotificationScript(head[1], head[2], int(head[3]), script[1], script[2]))
    return tuple(scripts)


NOTIFICATION_SCRIPTS = Fact(
    "notification_scripts", HostKind.LPAR, lambda: aix("lvupdateRegScript", "-l"), parse
)
