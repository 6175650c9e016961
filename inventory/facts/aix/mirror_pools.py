"""`lsmp -A GROUP`: how the mirror pools of a volume group are kept in step."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, first_line

_GROUP = re.compile(r"VOLUME GROUP:\s+(\S+)\s+Mirror Pool Super Strict:\s+(yes|no)")
_POOL = re.compile(r"MIRROR POOL:\s+(\S+)\s+Mirroring Mode:\s+(SYNC|ASYNC)")


@dataclass(frozen=True, slots=True)
class MirrorPool:
    """A mirror pool; `asynchronous` where remote copies may lag behind."""

    name: str
    asynchronous: bool


def _build(mirrored_group: str) -> Command:
    return aix("lsmp", "-A", mirrored_group)


def _parse(output: Output) -> tuple[MirrorPool, ...]:
    """The pools in the order listed; a volume group that is not super strict may have none."""
    lines = [line.strip() for line in filled(answer(output, "lsmp -A"))]
    group = _GROUP.fullmatch(lines[0]) if lines else None
    if group is None:
        raise Unparsable("not the mirror pools of a volume group", first_line(output.stdout))
    pools = tuple(_pool(line) for line in lines[1:] if not line.startswith("ASYNC "))
    if group[2] == "yes" and not pools:
        raise Unparsable("super strict, but without mirror pools", lines[0])
    return pools


def _pool(line: str) -> MirrorPool:
    match = _POOL.fullmatch(line)
    if match is None:
        raise Unparsable("not a mirror pool", line)
    return MirrorPool(match[1], match[2] == "ASYNC")


MIRROR_POOLS = Fact(
    name="mirror_pools", host=HostKind.LPAR, build=_build, parse=_parse, params=("mirrored_group",)
)
