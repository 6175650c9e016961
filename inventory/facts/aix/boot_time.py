"""`who -b`: when the kernel that runs was started."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BOOT = re.compile(r"\.?\s*system boot\s+([A-Z][a-z]{2})\s+([0-9]{1,2})\s+([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class BootTime:
    """The LPAR's local time of the boot; `who` prints no year and no seconds."""

    month: int
    day: int
    hour: int
    minute: int


def parse(output: Output) -> BootTime:
    """The time, from the C locale's form."""
    line = only_line(answer(output, "who -b", closed=r".* [0-9]{2}:[0-9]{2}\s*"), "boot")
    match = _BOOT.fullmatch(line.strip())
    if match is None or match[1] not in _MONTHS or not 1 <= int(match[2]) <= 31:
        raise Unparsable("not the time of a boot in the C locale", line)
    return BootTime(_MONTHS.index(match[1]) + 1, int(match[2]), int(match[3]), int(match[4]))


BOOT_TIME = Fact("boot_time", HostKind.LPAR, lambda: aix("who", "-b"), parse)
