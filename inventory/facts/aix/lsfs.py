"""`lsfs -q`: the file systems of `/etc/filesystems` with the attributes of their superblocks."""

import re
from dataclasses import dataclass, replace

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_TITLE = re.compile(r"Name\s+Nodename\s+Mount Pt\s+VFS\s+Size\s+Options\s+Auto\s+Accounting")
_ROW = re.compile(
    r"(?P<device>\S+)\s+(?P<node>\S+)\s+(?P<mount_point>\S.*?)\s+(?P<vfs>\S+)\s+(?:--|[0-9]+)\s+\S+\s+"
    r"(?:yes|no|--)\s+(?:yes|no|--)"
)
_ATTRIBUTES = re.compile(r"\s+\((lv size:? [^()]*)\)")
_DMAPI = re.compile(r"\bDMAPI: (yes|no)\b")


@dataclass(frozen=True, slots=True)
class KnownFileSystem:
    """A file system, mounted or not. `dmapi` says whether a space manager may move its files away.

    It is None where AIX does not say: for anything but JFS2, and where the volume group is not there.
    """

    device: str
    mount_point: str
    vfs: str
    dmapi: bool | None = None


def parse(output: Output) -> tuple[KnownFileSystem, ...]:
    """The file systems in the order listed."""
    lines = filled(answer(output, "lsfs -q"))
    if not lines or not _TITLE.fullmatch(lines[0].strip()):
        raise Unparsable("not the header of lsfs", lines[0] if lines else "")
    found: list[KnownFileSystem] = []
    for line in lines[1:]:
        attributes = _ATTRIBUTES.fullmatch(line)
        if attributes is not None and found and found[-1].dmapi is None:
            found[-1] = replace(found[-1], dmapi=_dmapi(attributes[1], found[-1], line))
        else:
            found.append(_file_system(line))
    if not found:
        raise Unparsable("lsfs printed no file system", lines[0])
    return tuple(found)


def _dmapi(attributes: str, of: KnownFileSystem, line: str) -> bool | None:
    match = _DMAPI.search(attributes)
    if match is None and of.vfs == "jfs2":
        raise Unparsable("the attributes do not tell DMAPI", line)
    return None if match is None else match[1] == "yes"


def _file_system(line: str) -> KnownFileSystem:
    row = _ROW.fullmatch(line.strip())
    if row is None:
        raise Unparsable("not a row of lsfs", line)
    return KnownFileSystem(row["device"], row["mount_point"], row["vfs"])


LSFS = Fact("lsfs", HostKind.LPAR, lambda: aix("lsfs", "-q"), parse)
