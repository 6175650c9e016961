"""`lslpp -Lc`: every fileset and RPM on the LPAR."""

from inventory.command import aix
from inventory.facts.base import Fact, HostKind
from inventory.facts.filesets import parse_filesets

LSLPP = Fact(
    "lslpp", HostKind.LPAR, lambda: aix("lslpp", "-Lc"), parse_filesets, version=2, also=("lslpp -Lc all",)
)
