"""`lsvg -l GROUP`: the logical volumes of a volume group and how often each is mirrored."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_TITLE = re.compile(r"LV NAME\s+TYPE\s+LPs\s+PPs\s+PVs\s+LV STATE\s+MOUNT POINT")
_ROW = re.compile(
    r"(?P<name>\S+)\s+(?P<type>\S+)\s+(?P<lps>[0-9]{1,9})\s+(?P<pps>[0-9]{1,9})\s+(?P<pvs>[0-9]{1,9})\s+"
    r"(?P<state>[a-z]+/[a-z?]+)\s+(?P<mount_point>\S.*)"
)


@dataclass(frozen=True, slots=True)
class LogicalVolume:
    """A logical volume; `state` is `open/syncd`, `closed/stale`, …; no mount point is empty."""

    name: str
    type: str
    lps: int
    pps: int
    pvs: int
    state: str
    mount_point: str

    @property
    def copies(self) -> int:
        """How many copies of the fullest logical partition exist: 1 is unmirrored."""
        return -(-self.pps // self.lps) if self.lps else 1


def _build(volume_group: str) -> Command:
    return aix("lsvg", "-l", volume_group)


def _parse(output: Output) -> tuple[LogicalVolume, ...]:
    lines = filled(answer(output, "lsvg -l"))
    if len(lines) < 2 or not lines[0].endswith(":") or not _TITLE.fullmatch(lines[1].strip()):
        raise Unparsable("lsvg -l did not print its heading", lines[0] if lines else "")
    return tuple(_volume(line) for line in lines[2:])


def _volume(line: str) -> LogicalVolume:
    row = _ROW.fullmatch(line.strip())
    if row is None:
        raise Unparsable("not a row of lsvg -l", line)
    return LogicalVolume(
        name=row["name"],
        type=row["type"],
        lps=int(row["lps"]),
        pps=int(row["pps"]),
        pvs=int(row["pvs"]),
        state=row["state"],
        mount_point="" if row["mount_point"] == "N/A" else row["mount_point"],
    )


LSVG_VOLUMES = Fact(
    name="lsvg_volumes", host=HostKind.LPAR, build=_build, parse=_parse, params=("volume_group",)
)
