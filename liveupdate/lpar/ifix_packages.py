"""The interim fix packages that a request names: what they say of themselves, and what is against them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from inventory.facts.aix.emgr_list import EMGR_LIST
from inventory.facts.aix.emgr_packages import EMGR_PACKAGES
from inventory.facts.aix.ifix_package import IFIX_PACKAGE
from inventory.facts.aix.lslpp import LSLPP
from inventory.facts.ifix_package import OPEN, IfixPackage, Prerequisite
from inventory.facts.level import vrmf
from inventory.facts.nim.nim_ifix import NIM_IFIX
from liveupdate.lpar.subject import Subject

ASKED = "ifixes"
"""The Ask that names package files, one per line."""
KERNEL = "/usr/lib/boot/unix_64"


@dataclass(frozen=True, slots=True)
class NamedIfix:
    """A package file that a request names, with the label in its name.

    `package` is what it says of itself, or None where nobody can ask it before the media are mounted.
    """

    file: str
    label: str
    package: IfixPackage | None

    @property
    def brings_kernel(self) -> bool:
        """Whether it replaces the kernel, as far as the package says."""
        return self.package is not None and KERNEL in self.package.locations


def named_ifixes(subject: Subject) -> tuple[NamedIfix, ...]:
    """The packages in the order named, each once. Raises FactMissing where one could not be described."""
    files = dict.fromkeys(subject.chosen_lines(ASKED))
    return tuple(NamedIfix(file, file.partition(".")[0], _described(subject, file)) for file in files)


def _described(subject: Subject, file: str) -> IfixPackage | None:
    path = subject.package_paths.get(file)
    if path is None:
        return None
    on_master = subject.reading(NIM_IFIX, path) is not None
    return subject.value(NIM_IFIX if on_master else IFIX_PACKAGE, path)


def obstacles(subject: Subject, named: Sequence[NamedIfix]) -> Iterator[str]:
    """What keeps the packages from being installed, a sentence each. Raises FactMissing."""
    installed = {ifix.label: ifix.state for ifix in subject.value(EMGR_LIST)}
    levels = {fileset.name: fileset.level for fileset in subject.value(LSLPP)}
    replaced: dict[str, str] = {}
    for ifix in named:
        if ifix.label in installed:
            yield f"{ifix.label} is installed already, in state {installed[ifix.label]}."
        if ifix.package is None:
            continue
        if ifix.package.label != ifix.label:
            yield f"{ifix.file} holds the interim fix {ifix.package.label}; its name says {ifix.label}."
        for wanted in ifix.package.prerequisites or ():
            yield from _unmet(ifix.label, wanted, levels)
        for location in ifix.package.locations:
            if other := replaced.get(location):
                yield f"{other} and {ifix.label} both replace {location}: only one of them can be installed."
            replaced[location] = ifix.label


def _unmet(label: str, wanted: Prerequisite, levels: Mapping[str, str]) -> Iterator[str]:
    said = f"{wanted.fileset} {wanted.low} {wanted.high}"
    level = levels.get(wanted.fileset)
    if wanted.excluded:
        if level and _within(level, wanted):
            yield f"{label} must not meet {wanted.fileset}, and {level} of it is installed ({said} XREQ)."
    elif level is None:
        yield f"{label} needs {wanted.fileset}, which is not installed ({said})."
    elif not _within(level, wanted):
        between = f"{wanted.low} to {wanted.high}"
        yield f"{label} needs {wanted.fileset} {between}, and {level} is installed ({said})."


def _within(level: str, wanted: Prerequisite) -> bool:
    """Whether a level lies between both ends; one that is no fileset's version does not."""
    try:
        mine = vrmf(level)
    except ValueError:
        return False
    low = wanted.low == OPEN or vrmf(wanted.low) <= mine
    return low and (wanted.high == OPEN or mine <= vrmf(wanted.high))


def sharing(subject: Subject, named: Sequence[NamedIfix]) -> Iterator[str]:
    """Filesets of the packages that installed interim fixes lock; emgr minds if a file is the same (F54)."""
    holders: dict[str, list[str]] = {}
    for locked in subject.value(EMGR_PACKAGES):
        holders.setdefault(locked.package, []).append(locked.label)
    for ifix in named:
        for fileset in ifix.package.filesets if ifix.package else ():
            if fileset in holders:
                yield f"{', '.join(holders[fileset])} locks {fileset}, to which {ifix.label} belongs as well."
