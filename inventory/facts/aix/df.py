"""`df -m`: how much room the mounted file systems have."""

import re
from dataclasses import dataclass
from decimal import Decimal

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_TITLE = re.compile(
    r"Filesystem\s+(?P<unit>MB blocks|GB blocks|512-blocks|1024-blocks)\s+Free\s+%Used\s+"
    r"Iused\s+%Iused\s+Mounted on"
)
_NUMBER = r"-?[0-9]{1,18}(?:\.[0-9]{1,4})?|-"
_ROW = re.compile(
    rf"(?P<device>\S.*?)\s+(?P<size>{_NUMBER})\s+(?P<free>{_NUMBER})\s+(?:-?[0-9]+%|-)\s+"
    r"(?:-?[0-9]+|-)\s+(?:-?[0-9]+%|-)\s+(?P<mount_point>/.*)"
)
_PER_MB = {
    "MB blocks": Decimal(1),
    "GB blocks": 1 / Decimal(1024),
    "512-blocks": Decimal(2048),
    "1024-blocks": Decimal(1024),
}


@dataclass(frozen=True, slots=True)
class FileSystem:
    """A mounted file system with size and free room in MB (None for a pseudo file system)."""

    device: str
    mount_point: str
    size_mb: Decimal | None
    free_mb: Decimal | None


def _build() -> Command:
    return aix("df", "-m")


def _parse(output: Output) -> tuple[FileSystem, ...]:
    lines = filled(answer(output, "df"))
    title = _TITLE.fullmatch(lines[0].strip()) if lines else None
    if title is None or len(lines) < 2:
        raise Unparsable("df did not print its heading and a file system", lines[0] if lines else "")
    return tuple(_file_system(line, _PER_MB[title["unit"]]) for line in lines[1:])


def _file_system(line: str, per_mb: Decimal) -> FileSystem:
    row = _ROW.fullmatch(line.strip())
    if row is None:
        raise Unparsable("not a row of df", line)
    return FileSystem(row["device"], row["mount_point"], _mb(row["size"], per_mb), _mb(row["free"], per_mb))


def _mb(blocks: str, per_mb: Decimal) -> Decimal | None:
    return None if blocks == "-" else Decimal(blocks) / per_mb


DF = Fact(
    name="df",
    host=HostKind.LPAR,
    build=_build,
    parse=_parse,
    volatile=True,
    also=("df", "df -k", "df -g", "df -m <file_system>", "df -k <file_system>", "df -g <file_system>"),
)
