"""Commands that answer in a line or a few words: `hostname`, `who -b`, `getlvodm -j`."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line
from inventory.formats.base import plain

_BOOT = re.compile(r"\s*\.?\s+system boot\s+([A-Z][a-z]{2} [ 0-3]?[0-9] [0-2][0-9]:[0-5][0-9])")
NOT_IN_LVM = 3


def host_name(output: Output) -> str:
    """The host's name."""
    line = only_line(answer(output, "hostname"), "host name").strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", line):
        raise Unparsable("not a host name", line)
    return line


def boot_time(output: Output) -> str:
    """When the LPAR was booted, local time without year, e.g. `Feb  7 15:42`."""
    line = only_line(answer(output, "who -b"), "boot time")
    match = _BOOT.fullmatch(line)
    if match is None:
        raise Unparsable("not the time of a system boot", line)
    return match[1]


def group_of_disk(output: Output) -> str | None:
    """The identifier of the disk's volume group; None when LVM does not know the disk (status 3)."""
    if output.status == NOT_IN_LVM:
        return None
    line = only_line(answer(output, "getlvodm -j"), "volume group").strip()
    if not re.fullmatch(r"[0-9a-f]{16}(?:[0-9a-f]{16})?", line):
        raise Unparsable("not the identifier of a volume group", line)
    return line


HOSTNAME = plain("hostname", HostKind.LPAR, "hostname", parse=host_name)
BOOT_TIME = plain("boot_time", HostKind.LPAR, "who -b", parse=boot_time)
LVM_GROUP = plain("lvm_group", HostKind.LPAR, "getlvodm -j <disk>", parse=group_of_disk)
