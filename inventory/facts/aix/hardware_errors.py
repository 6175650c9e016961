"""`errpt -d H -T PERM`: the permanent hardware errors of the error log, newest first.

The log wraps around at 1 MB, so the list is bounded; the reader picks the hours it is about.
"""

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.error_log import ErrorEntry, error_entries


def parse(output: Output) -> tuple[ErrorEntry, ...]:
    """The entries of class H (hardware) and type P (permanent); none where the log holds none."""
    return tuple(entry for entry in error_entries(output) if (entry.error_class, entry.type) == ("H", "P"))


HARDWARE_ERRORS = Fact("hardware_errors", HostKind.LPAR, lambda: aix("errpt", "-d", "H", "-T", "PERM"), parse)
