"""What is known of AIX levels: `levels.yaml` beside this file, read once, with the ways to ask it.

All four parts of a level count. Service packs of different technology levels leave in the same week,
and one can be issued again with another week, so no part decides alone; nothing is carried over from
one release to another unless the table says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from inventory.facts.level import Level, vrmf

Name = TypeVar("Name", bound=StrEnum)

_TRUTH = {"true": True, "false": False}


class Feature(StrEnum):
    """What Live Update can do from some level on."""

    INTERIM_FIXES = "interim_fixes"
    SERVICE_PACKS = "service_packs"
    POWERVC = "powervc"
    CPU_REDUCTION = "cpu_reduction"
    AUTOFS_NFS = "autofs_nfs"
    NPIV_TAPE = "npiv_tape"
    AUDIT_STREAM = "audit_stream"
    IPSEC_AUTO_MIGRATE = "ipsec_auto_migrate"
    CLONE_FROM_HMC_PROFILE = "clone_from_hmc_profile"
    LIVE_LIBRARY_UPDATE = "live_library_update"
    CHECKS_SHARED_OBJECTS = "checks_shared_objects"


class Defect(StrEnum):
    """A known defect of Live Update that some levels have."""

    PFC_DAEMON = "pfc_daemon"
    LICENCE_THROUGH_NIM = "licence_through_nim"
    AUTOFS_SCRIPT = "autofs_script"
    SHARED_LIBRARIES = "shared_libraries"
    VARYING_BLACKOUT = "varying_blackout"


class Software(StrEnum):
    """Other software that Live Update wants at some level or above."""

    RSCT = "rsct"
    RSCT_POWERVC = "rsct_powervc"
    SDDPCM = "sddpcm"
    POWERSC = "powersc"
    POWERHA = "powerha"


@dataclass(frozen=True, slots=True)
class Hit:
    """Why a level has a defect: the levels hit, and the APAR that repairs it there (may be empty).

    Exactly one of `before` (the first level with the fix) and `through` (the last one hit) is set.
    """

    first: Level
    before: Level | None
    through: Level | None
    apar: str

    def covers(self, level: Level) -> bool:
        """Whether the level lies in this range."""
        if not level.same_release(self.first) or level < self.first:
            return False
        if self.before is not None:
            return level < self.before
        return self.through is not None and (level <= self.through or level.matches(self.through))


@dataclass(frozen=True, slots=True)
class FilesetHit:
    """A fileset's version (`7.2.5.1`) that carries a defect, and the APAR that repairs it."""

    fileset: str
    level: str
    apar: str


@dataclass(frozen=True, slots=True)
class KnownDefect:
    """A defect with the levels and fileset versions that have it."""

    says: str
    source: str
    hits: tuple[Hit, ...]
    filesets: tuple[FilesetHit, ...]


@dataclass(frozen=True, slots=True)
class Minimum:
    """The least version of other software; `recalled` where no readable source states it."""

    level: str
    recalled: bool

    def met_by(self, version: str) -> bool:
        """Whether a fileset version `V.R.M.F` is this or above. Raises ValueError for other texts."""
        return vrmf(version) >= vrmf(self.level)


@dataclass(frozen=True, slots=True)
class Capability:
    """A feature: the first level that has it, in words, and who says so."""

    first: Level
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class LevelsTable:
    """All of `levels.yaml`."""

    version: str
    features: Mapping[Feature, Capability]
    defects: Mapping[Defect, KnownDefect]
    minimums: Mapping[Software, Minimum]


def read(text: str) -> LevelsTable:
    """The table in a YAML text. Raises ValueError or KeyError when it is not complete and well-formed.

    The loader leaves every scalar as text: to YAML, `7200-05-02` is a date.
    """
    data = yaml.BaseLoader(text).get_single_data()
    return LevelsTable(
        version=data["version"],
        features={
            feature: Capability(Level.parse(each["from"]), each["says"], each["source"])
            for feature, each in _named(data["features"], Feature).items()
        },
        defects={defect: _defect(each) for defect, each in _named(data["defects"], Defect).items()},
        minimums={
            software: Minimum(each["level"], _TRUTH[each["recalled"]])
            for software, each in _named(data["minimums"], Software).items()
        },
    )


def _named(entries: Mapping[str, Any], kind: type[Name]) -> dict[Name, Any]:
    """The entries under their names in code; both sides must have the same names."""
    if set(entries) != {name.value for name in kind}:
        raise ValueError(f"The table and {kind.__name__} do not name the same things.")
    return {name: entries[name.value] for name in kind}


def _defect(data: Mapping[str, Any]) -> KnownDefect:
    return KnownDefect(
        says=data["says"],
        source=data["source"],
        hits=tuple(_hit(each) for each in data["hits"]),
        filesets=tuple(FilesetHit(**each) for each in data.get("filesets", ())),
    )


def _hit(data: Mapping[str, str]) -> Hit:
    first = Level.parse(data["from"])
    before, through = (Level.parse(data[key]) if key in data else None for key in ("before", "through"))
    last = before or through
    if last is None or (before and through) or not first.same_release(last) or last < first:
        raise ValueError(f"{first} needs one end in its release.")
    return Hit(first, before, through, data.get("apar", ""))


TABLE = read((Path(__file__).parent / "levels.yaml").read_text(encoding="utf-8"))
TABLE_NAME = f"levels table {TABLE.version}"


def first_level(feature: Feature) -> Level:
    """The first level that has the feature."""
    return TABLE.features[feature].first


def allows(feature: Feature, level: Level) -> bool:
    """Whether Live Update has the feature at this level.

    Raises ValueError when the level leaves open what decides, as `7300-03` does for `7300-03-01`.
    """
    first = first_level(feature)
    if level < first and first.matches(level):
        raise ValueError(f"{level} does not say enough to be compared with {first}.")
    return level >= first


def hit_by(defect: Defect, level: Level) -> Hit | None:
    """Why this level has the defect, or None if it has not. Raises ValueError for an incomplete level."""
    if not level.is_complete:
        raise ValueError(f"{level} does not name service pack and week.")
    return next((hit for hit in TABLE.defects[defect].hits if hit.covers(level)), None)


def fileset_hit_by(defect: Defect, fileset: str, version: str) -> FilesetHit | None:
    """The entry for exactly this version of a fileset, or None if it does not carry the defect."""
    wanted = (fileset, vrmf(version))
    entries = TABLE.defects[defect].filesets
    return next((each for each in entries if (each.fileset, vrmf(each.level)) == wanted), None)


def apars_of(defect: Defect) -> frozenset[str]:
    """The APARs that repair the defect, at whichever level."""
    known = TABLE.defects[defect]
    named = [hit.apar for hit in known.hits] + [hit.apar for hit in known.filesets]
    return frozenset(apar for apar in named if apar)


def minimum(software: Software) -> Minimum:
    """The least version that Live Update wants of this software."""
    return TABLE.minimums[software]
