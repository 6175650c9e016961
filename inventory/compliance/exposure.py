"""Which faults of IBM's list an LPAR has, by its filesets and interim fixes, as FLRTVC decides it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inventory.compliance.apar_list import Advisory, Range
from inventory.facts.aix.emgr_list import Ifix
from inventory.facts.filesets import Fileset
from inventory.facts.level import vrmf

_APAR = re.compile(r"I[JVZ][0-9]{5}")
RPM = "R"
STABLE = "S"


@dataclass(frozen=True, slots=True)
class Exposure:
    """One fault that an LPAR has. `filesets` are those with it, as `NAME LEVEL`.

    `cured_by` is the label of an installed interim fix that cures it, empty while nothing does.
    """

    advisory: Advisory
    filesets: tuple[str, ...]
    cured_by: str = ""


class Advisories:
    """A list's advisories by fileset, so that an LPAR's filesets are looked up once each."""

    def __init__(self, advisories: Iterable[Advisory]) -> None:
        self._by_fileset: dict[str, list[tuple[Range, Advisory]]] = {}
        for advisory in advisories:
            for affected in advisory.ranges:
                self._by_fileset.setdefault(affected.fileset, []).append((affected, advisory))

    def of(self, filesets: Iterable[Fileset], ifixes: Sequence[Ifix]) -> list[Exposure]:
        """The exposures of these filesets, in the order of the list."""
        affected: dict[int, tuple[Advisory, list[str]]] = {}
        for fileset in filesets:
            for advisory in self._at(fileset):
                of_advisory = affected.setdefault(advisory.line, (advisory, []))[1]
                of_advisory.append(f"{fileset.name} {fileset.level}")
        labels = {ifix.label: ifix for ifix in ifixes if ifix.state == STABLE}
        return [
            Exposure(advisory, tuple(dict.fromkeys(names)), _cure(advisory, labels))
            for _, (advisory, names) in sorted(affected.items())
        ]

    def _at(self, fileset: Fileset) -> list[Advisory]:
        known = self._by_fileset.get(fileset.name)
        if known is None or fileset.kind == RPM:
            return []
        try:
            level = vrmf(fileset.level)
        except ValueError:
            return []
        return [advisory for affected, advisory in known if affected.holds(level)]


def _cure(advisory: Advisory, installed: Mapping[str, Ifix]) -> str:
    """The installed interim fix that the list names for it, or one of the same APAR."""
    named = next((label for label in advisory.labels if label in installed), "")
    numbers = tuple(_APAR.findall(advisory.apar))
    return named or next((label for label in installed if label.startswith(numbers)), "")
