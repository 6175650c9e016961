"""`lsvg -p GROUP`: the disks of a volume group and whether all of them are there."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_TITLE = re.compile(r"PV_NAME\s+PV STATE\s+TOTAL PPs\s+FREE PPs\s+FREE DISTRIBUTION")
_ROW = re.compile(r"(\S+)\s+([a-z]+)\s+([0-9]{1,9})\s+([0-9]{1,9})(?:\s+([0-9.]+))?")


@dataclass(frozen=True, slots=True)
class GroupDisk:
    """A disk of a volume group; `state` is `active`, `missing` or `removed`."""

    name: str
    state: str
    total_pps: int
    free_pps: int


def _build(volume_group: str) -> Command:
    return aix("lsvg", "-p", volume_group)


def _parse(output: Output) -> tuple[GroupDisk, ...]:
    lines = filled(answer(output, "lsvg -p", closed=r".*\.\.[0-9]+\s*"))
    if len(lines) < 3 or not lines[0].endswith(":") or not _TITLE.fullmatch(lines[1].strip()):
        raise Unparsable("lsvg -p did not print its heading and a disk", lines[0] if lines else "")
    if not output.stdout.endswith("\n") and not _adds_up(lines[-1]):
        raise Unparsable("the output ends within a line", lines[-1])
    return tuple(_disk(line) for line in lines[2:])


def _adds_up(line: str) -> bool:
    """Whether the free distribution of a row makes up its free partitions, so that nothing is missing."""
    row = _ROW.fullmatch(line.strip())
    return row is not None and sum(map(int, re.findall(r"[0-9]+", row[5] or ""))) == int(row[4])


def _disk(line: str) -> GroupDisk:
    row = _ROW.fullmatch(line.strip())
    if row is None:
        raise Unparsable("not a row of lsvg -p", line)
    return GroupDisk(row[1], row[2], int(row[3]), int(row[4]))


LSVG_DISKS = Fact(name="lsvg_disks", host=HostKind.LPAR, build=_build, parse=_parse, params=("volume_group",))
