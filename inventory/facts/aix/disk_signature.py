"""`lquerypv -V`: whether a disk carries the logical volume manager's record of a volume group.

A disk that left a volume group shows `None` in `lspv` and may carry that record all the same.
"""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line


def _build(spare: str) -> Command:
    return aix("lquerypv", "-V", spare)


def _parse(output: Output) -> bool:
    """True when the record of a volume group is on the disk (printed as 0; 1 says that it is free)."""
    line = only_line(answer(output, "lquerypv"), "answer")
    if line.strip() not in ("0", "1"):
        raise Unparsable("lquerypv -V printed neither 0 nor 1", line)
    return line.strip() == "0"


DISK_SIGNATURE = Fact(
    name="disk_signature", host=HostKind.LPAR, build=_build, parse=_parse, params=("spare",)
)
