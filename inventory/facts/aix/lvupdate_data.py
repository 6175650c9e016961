"""`lvupdate.data`: what Live Update is told about disks and management console."""

import re
from dataclasses import dataclass, field

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.stanza_file import LineKind, parse_stanza_file
from inventory.facts.text import answer

PATH = "/var/adm/ras/liveupdate/lvupdate.data"

_ABSENT = re.compile(r"0652-050|No such file or directory|[Cc]annot open")


@dataclass(frozen=True, slots=True)
class LvupdateData:
    """The file as it stands (`present` is false when there is none).

    `stanzas` holds what AIX reads: attributes that begin with white space. AIX silently skips a key
    that begins in column 0; such lines, and those that are no attribute at all, are in `ignored`.
    """

    present: bool
    text: str = ""
    stanzas: dict[str, dict[str, str]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def get(self, stanza: str, key: str) -> str:
        """The value of an attribute, empty when it is blank or not there (AIX's default holds)."""
        return self.stanzas.get(stanza, {}).get(key, "")

    def disks(self, key: str) -> tuple[str, ...]:
        """The disks that an attribute of the `disks` stanza names (`nhdisk`, `mhdisk`, …)."""
        return tuple(part for part in re.split(r"[,\s]+", self.get("disks", key)) if part)


def _build() -> Command:
    return aix("cat", PATH)


def _parse(output: Output) -> LvupdateData:
    if output.status and not output.stdout and _ABSENT.search(output.stderr):
        return LvupdateData(present=False)
    file = parse_stanza_file("\n".join(answer(output, "cat", closed=".*")))
    ignored = (line.text for line in file.lines if line.kind in (LineKind.SKIPPED, LineKind.OTHER))
    return LvupdateData(True, output.stdout, file.stanzas(), tuple(ignored))


LVUPDATE_DATA = Fact(
    name="lvupdate_data",
    host=HostKind.LPAR,
    build=_build,
    parse=_parse,
    also=("lvupdate.data", "cat lvupdate.data", "cat <directory>/lvupdate.data"),
)
