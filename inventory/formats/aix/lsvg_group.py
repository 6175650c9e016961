"""`lsvg GROUP`: all that AIX prints of a volume group."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, labelled, snake

_LABELS = (
    *("VOLUME GROUP", "VG IDENTIFIER", "VG STATE", "PP SIZE", "VG PERMISSION", "TOTAL PPs", "MAX LVs"),
    *("FREE PPs", "LVs", "USED PPs", "OPEN LVs", "QUORUM", "TOTAL PVs", "VG DESCRIPTORS", "STALE PVs"),
    *("STALE PPs", "ACTIVE PVs", "AUTO ON", "MAX PPs per VG", "MAX PPs per PV", "MAX PVs"),
    *("LTG size (Dynamic)", "LTG size (Static)", "AUTO SYNC", "HOT SPARE", "BB POLICY", "MIRROR POOL STRICT"),
    *("PV RESTRICTION", "INFINITE RETRY", "DISK BLOCK SIZE", "CRITICAL VG", "FS SYNC OPTION"),
    *("CRITICAL PVs", "ENCRYPTION", "Concurrent", "Auto-Concurrent", "VG Mode", "Node ID"),
)
_NEEDED = frozenset(_LABELS[:18])
_AMOUNT = re.compile(r"([0-9]+)(?: megabyte\(s\)| \([0-9]+ megabytes\)| \((?:Enabled|Disabled)\))?")


def parse(output: Output) -> Row:
    """The values under their labels in small letters; `pp_size` is in MB."""
    lines = filled(answer(output, "lsvg"))
    values = labelled(lines, _LABELS, "lsvg")
    if missing := sorted(_NEEDED - values.keys()):
        raise Unparsable(f"there is no {missing[0]}", lines[-1] if lines else "")
    return {snake(label): _value(value) for label, value in values.items()}


def _value(value: str) -> str | int:
    amount = _AMOUNT.fullmatch(value)
    return int(amount[1]) if amount else value


LSVG_GROUP = plain("lsvg_group", HostKind.LPAR, "lsvg <volume_group>", parse=parse)
