"""`emgr -d -e FILE -v2` on the NIM master: what an interim fix in an lpp_source says of itself."""

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind
from inventory.facts.ifix_package import parse_ifix_package


def _build(ifix_file: str) -> Command:
    return aix("emgr", "-d", "-e", ifix_file, "-v2")


NIM_IFIX = Fact(
    name="nim_ifix",
    host=HostKind.NIM_MASTER,
    build=_build,
    parse=parse_ifix_package,
    params=("ifix_file",),
    version=2,
    discovery=True,
)
