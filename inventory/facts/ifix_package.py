"""`emgr -d -e FILE -v2`: what an interim fix's package file says of itself."""

import re
from dataclasses import dataclass

from inventory.facts.base import Output, Unparsable
from inventory.facts.text import answer, filled

_FIELD = re.compile(r"\s*([A-Z][A-Z /-]*):\s*(.*)")
_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class IfixPackage:
    """An interim fix that is not installed yet: its label and whether Live Update can apply it."""

    label: str
    lu_capable: bool


def parse_ifix_package(output: Output) -> IfixPackage:
    """Label and capability; both must be given."""
    fields: dict[str, str] = {}
    for line in filled(answer(output, "emgr -d")):
        match = _FIELD.fullmatch(line)
        if match is not None:
            fields.setdefault(match[1].strip(), match[2].strip())
    label, capable = fields.get("LABEL", ""), fields.get("LU CAPABLE", "")
    if not label:
        raise Unparsable("no LABEL in the description of the package")
    if capable.lower() not in _YES_NO:
        raise Unparsable("LU CAPABLE is neither yes nor no", capable)
    return IfixPackage(label, _YES_NO[capable.lower()])
