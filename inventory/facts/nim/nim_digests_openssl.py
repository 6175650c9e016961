"""The same digests by `openssl`, for a NIM master whose `csum` is too old for SHA-256.

A host that answers over OpenSSH has it.
"""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.file_digest import WHAT_COUNTS, FileDigest
from inventory.facts.text import answer, filled

_ROW = re.compile(r"(?P<digest>[0-9a-f]{64}) \*(?P<path>/.*)")


def _build(location: str) -> Command:
    words = (location, "-type", "f", *WHAT_COUNTS)
    return aix("find", *words, "-exec", "openssl", "dgst", "-sha256", "-r", "{}", "+")


def _parse(output: Output) -> tuple[FileDigest, ...]:
    """The digests in order of the paths; a directory without such files has none."""
    found = [_digest(line) for line in filled(answer(output, "openssl dgst"))]
    return tuple(sorted(found, key=lambda file: file.path))


def _digest(line: str) -> FileDigest:
    row = _ROW.fullmatch(line)
    if row is None:
        raise Unparsable("not a SHA-256 with a path", line)
    return FileDigest(row["path"], row["digest"])


NIM_DIGESTS_OPENSSL = Fact(
    name="nim_digests_openssl",
    host=HostKind.NIM_MASTER,
    build=_build,
    parse=_parse,
    params=("location",),
    discovery=True,
)
