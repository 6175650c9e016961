"""`getconf DISK_SIZE`: how large a disk is, in MB."""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, number


def _build(disk: str) -> Command:
    return aix("getconf", "DISK_SIZE", f"/dev/{disk}")


def _parse(output: Output) -> int:
    lines = filled(answer(output, "getconf"))
    if len(lines) != 1 or not re.fullmatch(r"[0-9]+", lines[0].strip()):
        raise Unparsable("getconf printed no size in MB", lines[0] if lines else "")
    size = number(lines[0].strip(), "the disk's size", lines[0])
    if size == 0:
        raise Unparsable("getconf printed a size of zero", lines[0])
    return size


DISK_SIZE = Fact(name="disk_size", host=HostKind.LPAR, build=_build, parse=_parse, params=("disk",))
