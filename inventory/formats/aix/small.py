"""Commands that answer in a line or a few words: `hostname`, `getlvodm -j`."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line
from inventory.formats.base import plain

NOT_IN_LVM = 3


def host_name(output: Output) -> str:
    """The host's name."""
    line = only_line(answer(output, "hostname"), "host name").strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", line):
        raise Unparsable("not a host name", line)
    return line


def group_of_disk(output: Output) -> str | None:
    """The identifier of the disk's volume group; None when LVM does not know the disk (status 3)."""
    if output.status == NOT_IN_LVM:
        return None
    line = only_line(answer(output, "getlvodm -j"), "volume group").strip()
    if not re.fullmatch(r"[0-9a-f]{16}(?:[0-9a-f]{16})?", line):
        raise Unparsable("not the identifier of a volume group", line)
    return line


HOSTNAME = plain("hostname", HostKind.LPAR, "hostname", parse=host_name)
LVM_GROUP = plain("lvm_group", HostKind.LPAR, "getlvodm -j <disk>", parse=group_of_disk)
