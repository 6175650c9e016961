"""`lvupdateSafeKE -l`: the kernel extensions that somebody declared safe for Live Update."""

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled


def parse(output: Output) -> tuple[str, ...]:
    """Their paths, one a line; none when nothing was declared."""
    paths = [line.strip() for line in filled(answer(output, "lvupdateSafeKE -l"))]
    for path in paths:
        if not path.startswith("/"):
            raise Unparsable("not the path of a kernel extension", path)
    return tuple(paths)


SAFE_EXTENSIONS = Fact("safe_extensions", HostKind.LPAR, lambda: aix("lvupdateSafeKE", "-l"), parse)
