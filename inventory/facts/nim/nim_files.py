"""`find LOCATION -type f -exec ls -l {} +`: every file of an lpp_source with its size.

Together with the digests of `.toc` and of the interim fixes this shows whether an lpp_source is still
what it was: reading gigabytes of images for a checksum would keep the NIM master busy for minutes.
"""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled, number

_ROW = re.compile(
    r"-[-rwxsStT]{9}[-+.@]?\s+[0-9]+\s+(?P<owner>\S.*?)\s+(?P<size>[0-9]+)\s+"
    r"[A-Z][a-z]{2}\s+[0-9]{1,2}\s+(?:[0-9]{1,2}:[0-9]{2}|[0-9]{4})\s+(?P<path>/.*)"
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file by its absolute path, and its size in bytes."""

    path: str
    size: int


def _build(location: str) -> Command:
    return aix("find", location, "-type", "f", "-exec", "ls", "-l", "{}", "+")


def _parse(output: Output) -> tuple[StoredFile, ...]:
    """The files in order of their paths."""
    found = [_file(line) for line in filled(answer(output, "find"))]
    return tuple(sorted(found, key=lambda file: file.path))


def _file(line: str) -> StoredFile:
    row = _ROW.fullmatch(line)
    if row is None:
        raise Unparsable("not a file of ls -l", line)
    return StoredFile(row["path"], number(row["size"], "the size", line))


NIM_FILES = Fact(
    name="nim_files",
    host=HostKind.NIM_MASTER,
    build=_build,
    parse=_parse,
    params=("location",),
    discovery=True,
)
