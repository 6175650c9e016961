"""`emgr -P`: which filesets interim fixes lock."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.emgr import table_rows

_TITLE = re.compile(r"PACKAGE\s+INSTALLER\s+LABEL")
_ROW = re.compile(r"\s*(\S+)\s+(\S+)\s+(\S+)")


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """A fileset that the interim fix `label` locks; one label may lock several filesets."""

    package: str
    installer: str
    label: str


def parse(output: Output) -> tuple[LockedPackage, ...]:
    """The locked filesets, in the order listed."""
    return tuple(_locked(row) for row in table_rows(output, "emgr -P", _TITLE))


def _locked(row: str) -> LockedPackage:
    match = _ROW.fullmatch(row)
    if match is None:
        raise Unparsable("not a locked fileset", row)
    return LockedPackage(*match.groups())


EMGR_PACKAGES = Fact("emgr_packages", HostKind.LPAR, lambda: aix("emgr", "-P"), parse)
