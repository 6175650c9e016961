"""`emgr -d -e FILE -v2`: what an interim fix's package file says of itself."""

from inventory.command import aix
from inventory.facts.base import Fact, HostKind
from inventory.facts.ifix_package import parse_ifix_package

IFIX_PACKAGE = Fact(
    "ifix_package",
    HostKind.LPAR,
    lambda ifix_file: aix("emgr", "-d", "-e", ifix_file, "-v2"),
    parse_ifix_package,
    params=("ifix_file",),
    version=2,
)
