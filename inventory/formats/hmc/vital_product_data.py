"""`lshmc -v`: the HMC's vital product data."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain

_FIELD = re.compile(r"\*([A-Z0-9]{2})\s+(.*)")
_NAMES = {
    "FC": "format",
    "VC": "vpd_version",
    "N2": "date",
    "DS": "description",
    "TM": "model",
    "SE": "serial",
    "MN": "manufacturer",
    "PN": "part_number",
    "SZ": "memory_bytes",
    "OS": "operating_system",
    "NA": "address",
    "RM": "release",
}


def parse(output: Output) -> dict[str, str]:
    """The fields under words where their two letters are known, else under the letters.

    The whole is one quoted record that begins with `vpd=`.
    """
    lines = filled(answer(output, "lshmc -v", closed=r'"'))
    if not lines or not re.fullmatch(r'"?vpd=(?:\*FC.*)?', lines[0]):
        raise Unparsable("not the vital product data of an HMC", lines[0] if lines else "")
    first = lines[0].partition("vpd=")[2]
    values: dict[str, str] = {}
    for line in (first, *lines[1:]):
        text = line.strip('"')
        field = _FIELD.fullmatch(text)
        if text and field is None:
            raise Unparsable("not a field of vital product data", line)
        if field:
            values.setdefault(_NAMES.get(field[1], field[1]), field[2].strip())
    if not {"model", "serial"} <= values.keys():
        raise Unparsable("there is no model or serial number", lines[-1])
    return values


VITAL_PRODUCT_DATA = plain("hmc_vital_product_data", HostKind.HMC, "lshmc -v", parse=parse)
