"""`lsvg GROUP`: the state of a volume group."""

import re
from dataclasses import dataclass, field

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, number

_OPTIONS = ("ENCRYPTION", "CRITICAL VG", "CRITICAL PVs", "INFINITE RETRY")

_CLOSED = r"(?:HOT SPARE|PV RESTRICTION|DISK BLOCK SIZE|FS SYNC OPTION|ENCRYPTION):.*"


@dataclass(frozen=True, slots=True)
class VolumeGroup:
    """A varied-on volume group; partitions (PPs) and volumes (PVs) are counts.

    `options` holds what is `yes` or `no`, by label (`ENCRYPTION`, `CRITICAL VG`, `INFINITE RETRY`, …);
    older levels know fewer of them.
    """

    name: str
    state: str
    pp_size_mb: int
    total_pps: int
    free_pps: int
    total_pvs: int
    active_pvs: int
    stale_pvs: int
    stale_pps: int
    options: dict[str, str] = field(default_factory=dict)


def _build(volume_group: str) -> Command:
    return aix("lsvg", volume_group)


def _parse(output: Output) -> VolumeGroup:
    lines = answer(output, "lsvg", closed=_CLOSED)
    return VolumeGroup(
        name=_value(lines, "VOLUME GROUP", r"\S+"),
        state=_value(lines, "VG STATE", r"[a-z][\w/]*"),
        pp_size_mb=_count(lines, "PP SIZE", r" megabyte\(s\)"),
        total_pps=_count(lines, "TOTAL PPs"),
        free_pps=_count(lines, "FREE PPs"),
        total_pvs=_count(lines, "TOTAL PVs"),
        active_pvs=_count(lines, "ACTIVE PVs"),
        stale_pvs=_count(lines, "STALE PVs"),
        stale_pps=_count(lines, "STALE PPs"),
        options={label: _value(lines, label, "yes|no") for label in _OPTIONS if _has(lines, label)},
    )


def _has(lines: list[str], label: str) -> bool:
    return any(re.search(rf"(?:^|\s){label}:", line) for line in lines)


def _count(lines: list[str], label: str, unit: str = "") -> int:
    return number(_value(lines, label, "[0-9]+", unit), label, label)


def _value(lines: list[str], label: str, form: str, unit: str = "") -> str:
    """The value behind a label of either column."""
    labelled = re.compile(rf"(?:^|\s){label}:\s+(.*)")
    valued = re.compile(rf"({form}){unit}(?=\s|$)")
    for line in lines:
        if found := labelled.search(line):
            if value := valued.match(found[1]):
                return value[1]
            raise Unparsable(f"the value of {label} is not understood", line)
    raise Unparsable(f"lsvg printed no {label}", next((line for line in lines if line.strip()), ""))


LSVG = Fact(name="lsvg", host=HostKind.LPAR, build=_build, parse=_parse, params=("volume_group",), version=2)
