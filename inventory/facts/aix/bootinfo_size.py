"""`bootinfo -s`: how large a disk is, in MB, asked of the boot code's own view of it."""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line


def _build(compared_disk: str) -> Command:
    return aix("bootinfo", "-s", compared_disk)


def _parse(output: Output) -> int:
    line = only_line(answer(output, "bootinfo"), "size")
    if not re.fullmatch(r"0*[1-9][0-9]{0,11}", line.strip()):
        raise Unparsable("bootinfo printed no size in MB", line)
    return int(line)


BOOTINFO_SIZE = Fact(
    name="bootinfo_size", host=HostKind.LPAR, build=_build, parse=_parse, params=("compared_disk",)
)
