"""`genkex`: the kernel extensions that are loaded."""

import re

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_TITLE = re.compile(r"Text address\s+Size\s+(?:Data address\s+Size\s+)?File")
OF_AIX = re.compile(r"/unix|/(?:usr/lib|usr/pmapi|etc/drivers|usr/lpp/bos\w*|opt/rsct|usr/sbin/rsct)/.*")
"""Where the kernel extensions lie that come with AIX."""
_ROW = re.compile(r"[0-9a-f]+\s+[0-9a-f]+\s+(?:[0-9a-f]+\s+[0-9a-f]+\s+)?(\S.*)")


def parse(output: Output) -> tuple[str, ...]:
    """The paths of the extensions, each once, in the order listed."""
    lines = filled(answer(output, "genkex"))
    if not lines or not _TITLE.fullmatch(lines[0].strip()):
        raise Unparsable("not the header of genkex", lines[0] if lines else "")
    paths: dict[str, None] = {}
    for line in lines[1:]:
        match = _ROW.fullmatch(line.strip())
        if match is None:
            raise Unparsable("not a kernel extension", line)
        paths[match[1]] = None
    return tuple(paths)


KERNEL_EXTENSIONS = Fact(
    "kernel_extensions", HostKind.LPAR, lambda: aix("genkex"), parse, also=("genkex -d",)
)
