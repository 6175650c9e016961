"""`lspv DISK`: one disk in its volume group.

What AIX does not know while the group is varied off it prints as question marks.
"""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, labelled, snake

_LABELS = (
    *("PHYSICAL VOLUME", "VOLUME GROUP", "PV IDENTIFIER", "VG IDENTIFIER", "PV STATE", "STALE PARTITIONS"),
    *("ALLOCATABLE", "PP SIZE", "LOGICAL VOLUMES", "TOTAL PPs", "VG DESCRIPTORS", "FREE PPs", "HOT SPARE"),
    *("USED PPs", "MAX REQUEST", "FREE DISTRIBUTION", "USED DISTRIBUTION", "MIRROR POOL", "ENCRYPTION"),
)
_NEEDED = frozenset(_LABELS[:13])
_KEYS = {"PP SIZE": "pp_size_mb", "MAX REQUEST": "max_request_kb"}
_VARIED_OFF = "0516-010 : Volume group must be varied on; use varyonvg command."
_AMOUNT = re.compile(r"([0-9]+)(?: megabyte\(s\)| \([0-9]+ megabytes\)| kilobytes)?")
_CLOSED = r"MIRROR POOL:\s+None\s*|ENCRYPTION:\s+(?:yes|no)\s*"


def parse(output: Output) -> Row:
    """The values under their labels in small letters; None where AIX prints question marks."""
    lines = [line for line in filled(answer(output, "lspv", closed=_CLOSED)) if line != _VARIED_OFF]
    values = labelled(lines, _LABELS, "lspv")
    if missing := sorted(_NEEDED - values.keys()):
        raise Unparsable(f"there is no {missing[0]}", lines[-1] if lines else _VARIED_OFF)
    return {_KEYS.get(label, snake(label)): _value(value) for label, value in values.items()}


def _value(value: str) -> str | int | None:
    if not value.strip("?"):
        return None
    amount = _AMOUNT.fullmatch(value)
    return int(amount[1]) if amount else value


LSPV_DISK = plain("lspv_disk", HostKind.LPAR, "lspv <disk>", parse=parse)
