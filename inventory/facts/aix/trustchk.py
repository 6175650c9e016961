"""`trustchk -p`: the policies of Trusted Execution."""

import re
from collections.abc import Mapping

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_PATH = re.compile(r"T[EL]P\s*=\s*/.*")
_POLICY = re.compile(r"([A-Z][A-Z0-9_]*)\s*=\s*([A-Z]+)", re.ASCII | re.IGNORECASE)
_VALUES = {"STOP_UNTRUSTD": ("ON", "OFF", "TROJAN"), "TSD_FILES_LOCK": ("ON", "OFF", "EXVOL")}


def parse(output: Output) -> Mapping[str, str]:
    """Each policy with `ON` or `OFF`, in capitals whatever was printed; `TE` is always among them.

    `STOP_UNTRUSTD` can be `TROJAN` too (it stops only untrusted files with privileges), and
    `TSD_FILES_LOCK` can be `EXVOL` (it leaves volatile files alone).
    """
    policies: dict[str, str] = {}
    for line in filled(answer(output, "trustchk -p", closed=r"\w+\s*=\s*(?:ON|OFF)\s*")):
        if _PATH.fullmatch(line.strip()):
            continue
        match = _POLICY.fullmatch(line.strip())
        if match is None:
            raise Unparsable("not a policy", line)
        name, value = match[1].upper(), match[2].upper()
        if value not in _VALUES.get(name, ("ON", "OFF")):
            raise Unparsable("not a policy", line)
        if policies.setdefault(name, value) != value:
            raise Unparsable("a policy with two values", line)
    if "TE" not in policies:
        raise Unparsable("no TE policy in the output")
    return policies


TRUSTCHK = Fact("trustchk", HostKind.LPAR, lambda: aix("trustchk", "-p"), parse, version=3)
