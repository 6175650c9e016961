"""`errpt -N LVUPDATE`: what the error log says of Live Updates, newest first."""

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.error_log import ErrorEntry, error_entries

RESOURCE = "LVUPDATE"


def parse(output: Output) -> tuple[ErrorEntry, ...]:
    """The entries of Live Update, newest first; none where the log holds none."""
    return tuple(entry for entry in error_entries(output) if entry.resource == RESOURCE)


ERRPT = Fact("errpt", HostKind.LPAR, lambda: aix("errpt", "-N", RESOURCE), parse)
