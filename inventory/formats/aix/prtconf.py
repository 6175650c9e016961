"""`prtconf` (also `lsconf`): model, serial number, firmware and resources of the LPAR."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, snake

_PAIR = re.compile(r"\t?\s*([A-Z][A-Za-z0-9 /-]*?)\s*:(?:\s+(.*)|)")
_NEEDED = ("System Model", "Machine Serial Number", "Processor Type", "LPAR Info")
_NUMBER = re.compile(r"([0-9]+)(?: MB)?")
_END = "Volume Groups Information"


def parse(output: Output) -> Row:
    """The labelled values before the lists of volume groups and devices, in small letters.

    The network's labels are among them; numbers are whole numbers, in MB under a name that ends so.
    """
    values: Row = {}
    for line in filled(answer(output, "prtconf")):
        if line.strip() == _END:
            break
        pair = _PAIR.fullmatch(line)
        if pair and pair[2] is not None:
            amount = _NUMBER.fullmatch(pair[2].strip())
            is_number = amount is not None and pair[1] != "Machine Serial Number"
            unit = "_mb" if pair[2].endswith(" MB") else ""
            values[snake(pair[1]) + unit] = int(amount[1]) if is_number and amount else pair[2].strip()
    for label in _NEEDED:
        if snake(label) not in values:
            raise Unparsable(f"there is no {label}", filled(output.stdout.splitlines() or [""])[-1])
    return values


PRTCONF = plain("prtconf", HostKind.LPAR, "prtconf", "lsconf", parse=parse)
