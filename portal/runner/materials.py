"""What the portal is made of: every installed package that it needs, with version, licence and dependants.

Read from what is installed, so it says what runs, not what was meant to. (threat T34)
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

NAME, VERSION = "live-update-portal", "0.1.0"


@dataclass(frozen=True, slots=True)
class Material:
    """An installed package: names of what it needs, and its licence as it says itself."""

    name: str
    version: str
    licence: str
    needs: tuple[str, ...]

    @property
    def purl(self) -> str:
        """The package as package URLs name it."""
        return f"pkg:pypi/{self.name}@{self.version}"


def materials(requirements: Path) -> list[Material]:
    """Every package that a requirements file leads to, by name. Raises PackageNotFoundError."""
    found: dict[str, Material] = {}
    wanted = list(_read(requirements))
    while wanted:
        need = wanted.pop()
        installed = distribution(need.name)
        needs = list(_needs(installed, frozenset(need.extras)))
        key = _plain(installed.name)
        before = found.get(key)
        names = sorted({_plain(each.name) for each in needs} | set(before.needs if before else ()))
        material = Material(key, installed.version, _licence(installed), tuple(names))
        if material != before:
            found[key] = material
            wanted += needs
    return sorted(found.values(), key=lambda each: each.name)


def cyclone_dx(found: list[Material]) -> dict[str, Any]:
    """The bill of materials as CycloneDX 1.6 (ECMA-424) says it; the same packages give the same document."""
    own = f"pkg:generic/{NAME}@{VERSION}"
    needed = {name for each in found for name in each.needs}
    purls = {each.name: each.purl for each in found}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, " ".join(each.purl for each in found))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": NAME, "version": VERSION, "bom-ref": own}},
        "components": [
            {
                "type": "library",
                "name": each.name,
                "version": each.version,
                "purl": each.purl,
                "bom-ref": each.purl,
                "licenses": [{"license": {"name": each.licence}}],
            }
            for each in found
        ],
        "dependencies": [
            {"ref": own, "dependsOn": [each.purl for each in found if each.name not in needed]},
            *({"ref": each.purl, "dependsOn": [purls[name] for name in each.needs]} for each in found),
        ],
    }


def _read(requirements: Path) -> Iterator[Requirement]:
    for line in requirements.read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        if text:
            need = Requirement(text)
            if need.marker is None or need.marker.evaluate():
                yield need


def _needs(installed: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for text in installed.requires or ():
        need = Requirement(text)
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield need


def _licence(installed: Distribution) -> str:
    """The licence's expression, else its classifiers, else the first line of what else is said."""
    told = installed.metadata.json
    if expression := told.get("license_expression"):
        return str(expression)
    kinds = [line for line in told.get("classifier", ()) if line.startswith("License :: ")]
    named = [line.rpartition(" :: ")[2] for line in kinds if not line.endswith("OSI Approved")]
    first = str(told.get("license", "")).strip().splitlines()
    return " or ".join(named) or (first[0][:80] if first else "not said")


def _plain(name: str) -> str:
    """A package's name as indexes write it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


__all__ = ["Material", "PackageNotFoundError", "cyclone_dx", "materials"]
