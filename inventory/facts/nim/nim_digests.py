"""SHA-256 of what decides what an lpp_source installs: its `.toc` and its interim fixes (`*.epkg.Z`).

`csum` belongs to the base of AIX and computes SHA-256; `cksum` would not notice a forgery.
"""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.file_digest import WHAT_COUNTS, FileDigest
from inventory.facts.text import answer, filled

_ROW = re.compile(r"(?P<digest>[0-9a-fA-F]{64})\s+(?P<path>/.*)")


def _build(location: str) -> Command:
    words = (location, "-type", "f", *WHAT_COUNTS)
    return aix("find", *words, "-exec", "csum", "-h", "SHA256", "{}", "+")


def _parse(output: Output) -> tuple[FileDigest, ...]:
    """The digests in order of the paths; a directory without such files has none."""
    found = [_digest(line) for line in filled(answer(output, "csum"))]
    return tuple(sorted(found, key=lambda file: file.path))


def _digest(line: str) -> FileDigest:
    row = _ROW.fullmatch(line.strip())
    if row is None:
        raise Unparsable("not a SHA-256 with a path", line)
    return FileDigest(row["path"], row["digest"].lower())


NIM_DIGESTS = Fact(
    name="nim_digests",
    host=HostKind.NIM_MASTER,
    build=_build,
    parse=_parse,
    params=("location",),
    discovery=True,
)
