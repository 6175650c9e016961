"""`sysdumpdev -l`: where a system dump would be written."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_SETTING = re.compile(r"([a-z][a-z ]*?)\s{2,}(\S.*)")


@dataclass(frozen=True, slots=True)
class DumpDevices:
    """The devices for the first and for the second try; `/dev/sysdumpnull` swallows the dump."""

    primary: str
    secondary: str


def parse(output: Output) -> DumpDevices:
    """The devices."""
    values: dict[str, str] = {}
    for line in filled(answer(output, "sysdumpdev -l")):
        match = _SETTING.fullmatch(line.strip().expandtabs())
        if match is None:
            raise Unparsable("not a setting of system dumps", line)
        values[match[1]] = match[2]
    if not {"primary", "secondary"} <= values.keys():
        raise Unparsable("the dump devices are not given")
    return DumpDevices(values["primary"], values["secondary"])


DUMP_DEVICES = Fact("dump_devices", HostKind.LPAR, lambda: aix("sysdumpdev", "-l"), parse)
