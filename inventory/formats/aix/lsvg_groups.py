"""`lsvg -p` of several volume groups, one behind the other (`lsvg -o | lsvg -ip`)."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, read_row

_GROUP = re.compile(r"([A-Za-z0-9_.-]{1,15}):")
_TITLE = re.compile(r"PV_NAME\s+PV STATE\s+TOTAL PPs\s+FREE PPs\s+FREE DISTRIBUTION")
_ROW = (
    r"(?P<name>\S+)\s+(?P<state>active|missing|removed|stale)\s+(?P<total_pps>[0-9]{1,9})\s+"
    r"(?P<free_pps>[0-9]{1,9})\s+(?P<free_distribution>[0-9]+(?:\.\.[0-9]+){4})"
)


def parse(output: Output) -> dict[str, list[Row]]:
    """The disks of each group."""
    groups: dict[str, list[Row]] = {}
    name, titled = "", False
    for line in filled(answer(output, "lsvg -p")):
        if group := _GROUP.fullmatch(line.strip()):
            name, titled = group[1], False
            if groups.setdefault(name, []):
                raise Unparsable("a volume group is there twice", line)
        elif name and not titled and _TITLE.fullmatch(line.strip()):
            titled = True
        elif titled:
            groups[name].append(read_row(line, _ROW, "lsvg -p", numbers=("total_pps", "free_pps")))
        else:
            raise Unparsable("neither a volume group nor its heading", line)
    if not groups or not all(groups.values()):
        raise Unparsable("a volume group without disks", f"{name}:" if name else "")
    return groups


LSVG_GROUPS = plain("lsvg_groups", HostKind.LPAR, "lsvg -ip", "lsvg -p", parse=parse)
