"""`lslpp -Lc` on the NIM master: every fileset and RPM there."""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind
from inventory.facts.filesets import parse_filesets


def _build() -> Command:
    return aix("lslpp", "-Lc")


NIM_FILESETS = Fact(name="nim_filesets", host=HostKind.NIM_MASTER, build=_build, parse=parse_filesets)
