"""`lquerypv -h`: the first 256 bytes of a disk, which tell who wrote on it last."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_ROW = re.compile(r"([0-9A-F]{8})\s+((?:[0-9A-F]{8}\s+){4})\|.{16}\|", re.IGNORECASE)
_BOOT_RECORD = bytes.fromhex("C9C2D4C1")
_PVID_AT = 0x80


@dataclass(frozen=True, slots=True)
class DiskHeader:
    """Whose the first bytes are: `blank`, `aix` (its boot record), `oracle_asm` or `other`.

    `pvid` is the PVID in AIX's record (16 digits), empty without one.
    """

    owner: str
    pvid: str


def _build(spare: str) -> Command:
    return aix("lquerypv", "-h", f"/dev/{spare}")


def _parse(output: Output) -> DiskHeader:
    lines = filled(answer(output, "lquerypv"))
    if not lines:
        raise Unparsable("lquerypv printed no bytes")
    content = b"".join(_bytes(line, 16 * number) for number, line in enumerate(lines))
    pvid = content[_PVID_AT : _PVID_AT + 8]
    return DiskHeader(_owner(content), pvid.hex() if any(pvid) and content[:4] == _BOOT_RECORD else "")


def _bytes(line: str, offset: int) -> bytes:
    row = _ROW.fullmatch(line.strip())
    if row is None or int(row[1], 16) != offset:
        raise Unparsable("not the next 16 bytes of lquerypv -h", line)
    return bytes.fromhex(row[2])


def _owner(content: bytes) -> str:
    if b"ORCLDISK" in content:
        return "oracle_asm"
    if content[:4] == _BOOT_RECORD:
        return "aix"
    return "other" if any(content) else "blank"


DISK_HEADER = Fact(name="disk_header", host=HostKind.LPAR, build=_build, parse=_parse, params=("spare",))
