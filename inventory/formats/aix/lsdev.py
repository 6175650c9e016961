"""`lsdev`: devices of any class, as a table or in the columns of `-F`."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.devices import parse_devices
from inventory.facts.text import answer, filled
from inventory.formats.base import Format
from inventory.formats.spelling import Invocation

_NAME = re.compile(r"[a-zA-Z]\w*")


def read(output: Output, given: Invocation) -> object:
    """The devices; with `-F` the columns asked for, of which one (the description) may hold colons."""
    names = given.columns(":")
    if not names:
        return parse_devices(output)
    return [_columns(line, names) for line in filled(answer(output, "lsdev"))]


def _columns(line: str, names: tuple[str, ...]) -> dict[str, str]:
    values = line.strip().split(":")
    surplus = len(values) - len(names)
    if surplus and (surplus < 0 or "description" not in names):
        raise Unparsable(f"not the columns {':'.join(names)}", line)
    at = names.index("description") if surplus else 0
    if surplus:
        values[at : at + surplus + 1] = [":".join(values[at : at + surplus + 1])]
    device = dict(zip(names, values, strict=True))
    if not _NAME.fullmatch(device.get("name", "x")):
        raise Unparsable("not the name of a device", line)
    return device


LSDEV = Format("lsdev", HostKind.LPAR, ("lsdev", "lsdev -C", "lsdev -Cc <class>", "lsdev …"), read)
