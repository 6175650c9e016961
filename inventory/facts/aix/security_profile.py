"""`pscxpert -t`: what security profile PowerSC or AIX Security Expert applied.

The form of its text is not documented, so the value is the text.
"""

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.text import answer, filled, first_line

NOT_INSTALLED = 127


def parse(output: Output) -> tuple[str, ...] | None:
    """The lines printed, or None where pscxpert is not installed."""
    if output.status == NOT_INSTALLED and not first_line(output.stdout):
        return None
    return tuple(filled(answer(output, "pscxpert -t")))


SECURITY_PROFILE = Fact("security_profile", HostKind.LPAR, lambda: aix("pscxpert", "-t"), parse)
