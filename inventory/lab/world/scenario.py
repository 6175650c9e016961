"""A scenario file becomes a world: defaults merged with what each LPAR says of itself."""

import copy
import csv
from pathlib import Path
from typing import Any

from inventory.lab.world.data import read_yaml
from inventory.lab.world.model import World
from inventory.lab.world.store import build

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"


def load_scenario(name: str) -> World:
    """The world of `scenarios/NAME.yaml`. Raises FileNotFoundError and TypeError (a wrong key)."""
    document = _document(name)
    defaults = document.pop("lpar_defaults")
    document["lpars"] = {name: _lpar(name, own, defaults) for name, own in document["lpars"].items()}
    nim = document["nim"]
    nim["system"] = _lpar(nim["name"], nim["system"], defaults)
    return build(World, document)


def _document(name: str) -> dict[str, Any]:
    """A scenario's file; with `base` it holds what another one has not."""
    own = dict(read_yaml((SCENARIOS / f"{name}.yaml").read_text()))
    base = own.pop("base", None)
    return own if base is None else dict(merge(_document(base), own))


def _lpar(name: str, own: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = merge(copy.deepcopy(defaults), own)
    merged["name"] = name
    merged.setdefault("kernel_level", merged["level"])
    filesets = _filesets(merged["level"])
    for absent in merged.pop("without_filesets", ()):
        filesets.pop(absent)
    merged["filesets"] = {**filesets, **merged.get("filesets", {})}
    return merged


def media_filesets(level: str) -> dict[str, str]:
    """The fileset levels that media of an AIX level bring. Empty for a level nobody described."""
    return {name: fileset["level"] for name, fileset in _filesets(level).items()}


def described_filesets(level: str) -> dict[str, tuple[str, str]]:
    """The same with level and description of each."""
    return {name: (one["level"], one["description"]) for name, one in _filesets(level).items()}


def kernel_version(level: str, ifix: str = "") -> str:
    """`/proc/version` of a level's kernel: date, time, build tag, and all three once more.

    A kernel of an interim fix has its label and the builder's name for a tag.
    """
    known = read_yaml((SCENARIOS / "levels.yaml").read_text())
    build_of = known.get(level, {"date": "Jan 01 2020", "time": "00:00:00", "tag": f"{level[-4:]}A_72X"})
    date, clock, tag = build_of["date"], build_of["time"], f"{ifix} stjohnr" if ifix else build_of["tag"]
    return f"{date}\n{clock}\n{tag}\n@(#) _kdb_buildinfo unix_64 {date} {clock} {tag}\n"


def known_levels() -> list[str]:
    """The AIX levels whose filesets are described, oldest first."""
    with (SCENARIOS / "filesets.csv").open(newline="") as file:
        return sorted(next(csv.reader(file))[2:])


def _filesets(level: str) -> dict[str, dict[str, str]]:
    with (SCENARIOS / "filesets.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or level not in rows[0]:
        return {}
    week = level.rpartition("-")[2]
    return {
        row["fileset"]: {"level": row[level], "description": row["description"], "build": week}
        for row in rows
        if row[level]
    }


def merge(base: Any, over: Any) -> Any:
    """Mappings merged key by key, replaced under `KEY!`; anything else is replaced. `base` is changed."""
    if isinstance(base, dict) and isinstance(over, dict):
        for key, value in over.items():
            if key.endswith("!"):
                base[key.removesuffix("!")] = value
            else:
                base[key] = merge(base[key], value) if key in base else value
        return base
    return over
