"""`lslv VOLUME`: one logical volume."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, labelled, snake

_LABELS = (
    *("LOGICAL VOLUME", "VOLUME GROUP", "LV IDENTIFIER", "PERMISSION", "VG STATE", "LV STATE", "TYPE"),
    *("WRITE VERIFY", "MAX LPs", "PP SIZE", "COPIES", "SCHED POLICY", "LPs", "PPs", "STALE PPs"),
    *("BB POLICY", "INTER-POLICY", "RELOCATABLE", "INTRA-POLICY", "UPPER BOUND", "MOUNT POINT", "LABEL"),
    *("DEVICE UID", "DEVICE GID", "DEVICE PERMISSIONS", "MIRROR WRITE CONSISTENCY", "Serialize IO ?"),
    *("EACH LP COPY ON A SEPARATE PV ?", "INFINITE RETRY", "PREFERRED READ", "DEVICESUBTYPE"),
    *("COPY 1 MIRROR POOL", "COPY 2 MIRROR POOL", "COPY 3 MIRROR POOL", "ENCRYPTION"),
)
_NEEDED = frozenset(_LABELS[:15])
_KEYS = {"PP SIZE": "pp_size_mb"}
_AMOUNT = re.compile(r"([0-9]+)(?: megabyte\(s\))?")


def parse(output: Output) -> Row:
    """The values under their labels in small letters."""
    lines = filled(answer(output, "lslv"))
    values = labelled(lines, _LABELS, "lslv")
    if missing := sorted(_NEEDED - values.keys()):
        raise Unparsable(f"there is no {missing[0]}", lines[-1] if lines else "")
    return {_KEYS.get(label, snake(label)): _value(value) for label, value in values.items()}


def _value(value: str) -> str | int:
    amount = _AMOUNT.fullmatch(value)
    return int(amount[1]) if amount else value


LSLV = plain("lslv", HostKind.LPAR, "lslv <volume>", parse=parse)
