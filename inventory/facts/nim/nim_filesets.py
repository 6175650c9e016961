"""`lslpp -Lc 'dsm.*'` on the NIM master: the filesets that let it talk to an HMC."""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.filesets import Fileset, parse_filesets
from inventory.facts.text import first_line

NOT_INSTALLED = "lslpp: 0504-132"


def _build() -> Command:
    return aix("lslpp", "-Lc", "dsm.*")


def _parse(output: Output) -> tuple[Fileset, ...]:
    """The filesets, none where the master says that it has none of this name."""
    if output.status == 1 and first_line(output.stderr + output.stdout).startswith(NOT_INSTALLED):
        return ()
    return parse_filesets(output)


NIM_FILESETS = Fact(name="nim_filesets", host=HostKind.NIM_MASTER, build=_build, parse=_parse)
