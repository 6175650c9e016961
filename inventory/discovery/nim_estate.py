"""What a NIM master's answers say of its objects and of what they hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory.discovery.nim_master import IFIX_SUFFIX, digests_of, location_of, objects_of, told
from inventory.facts.base import Fact, FactMissing, FactSet
from inventory.facts.file_digest import FileDigest
from inventory.facts.nim.nim_contents import NIM_CONTENTS, Package
from inventory.facts.nim.nim_digests import NIM_DIGESTS
from inventory.facts.nim.nim_files import NIM_FILES, StoredFile
from inventory.facts.nim.nim_ifix import NIM_IFIX
from inventory.facts.nim.nim_list import NIM_LIST
from inventory.facts.nim.nim_live_update_data import NIM_LIVE_UPDATE_DATA
from inventory.facts.nim_objects import NimEntry, NimStanza
from portal.lib.canonical import canonical_json, digest

MB = 1024 * 1024
PREFIX = "sha256:"


@dataclass(frozen=True, slots=True)
class FoundIfix:
    """An interim fix package; `lu_capable` is None where it was not asked this time."""

    path: str
    label: str
    digest: str
    lu_capable: bool | None


@dataclass(frozen=True, slots=True)
class FoundSource:
    """What an lpp_source holds; None and empty are unknown, `problem` says why."""

    location: str
    packages: tuple[Package, ...] | None
    files: int | None
    size_mb: int | None
    toc_digest: str
    contents_digest: str
    ifixes: tuple[FoundIfix, ...] | None
    problem: str


@dataclass(frozen=True, slots=True)
class FoundData:
    """The file of a `live_update_data` resource; `text` is None where there is none or it was not read."""

    location: str
    text: str | None
    digest: str
    problem: str


@dataclass(frozen=True, slots=True)
class NimEstate:
    """The objects of a NIM master. Only an estate that `is_whole` may leave out what is gone.

    `listed` are all objects; `objects` those with attributes, `sources` and `data` what some of them hold.
    """

    listed: tuple[NimEntry, ...]
    objects: dict[str, NimStanza]
    sources: dict[str, FoundSource]
    data: dict[str, FoundData]
    read_at: datetime
    is_whole: bool
    problems: tuple[str, ...] = ()


def nim_estate_of(facts: FactSet) -> NimEstate:
    """What the answers say. Raises FactMissing when the objects were not listed."""
    listed = facts.value(NIM_LIST)
    objects = objects_of(facts)
    names = {each.name for each in listed}
    unlisted = sorted(set(objects) - names)
    problems = tuple(f"The list of objects lacks {name}, which its class has." for name in unlisted[:1])
    if not listed:
        problems = ("The NIM master lists no object, not even itself.",)
    return NimEstate(
        listed=listed,
        objects=objects,
        sources={each.name: _source(facts, each) for each in _of_type(objects, "lpp_source")},
        data={each.name: _data(facts, each) for each in _of_type(objects, "live_update_data")},
        read_at=facts.readings[(NIM_LIST.name, "")].read_at,
        is_whole=not problems,
        problems=problems,
    )


def _of_type(objects: Mapping[str, NimStanza], wanted: str) -> list[NimStanza]:
    return [each for each in objects.values() if each.type == wanted]


def _source(facts: FactSet, resource: NimStanza) -> FoundSource:
    location = location_of(resource)
    if not location:
        return FoundSource(resource.get("location"), None, None, None, "", "", None, _elsewhere(resource))
    files, digests = told(facts, NIM_FILES, location), digests_of(facts, location)
    asked: list[tuple[Fact[Any], str]] = [(NIM_CONTENTS, resource.name), (NIM_FILES, location)]
    if digests is None:
        asked.append((NIM_DIGESTS, location))
    return FoundSource(
        location=location,
        packages=told(facts, NIM_CONTENTS, resource.name),
        files=None if files is None else len(files),
        size_mb=None if files is None else sum(file.size for file in files) // MB,
        toc_digest=_toc(digests or ()),
        contents_digest=_contents(location, files, digests),
        ifixes=None if files is None else _ifixes(facts, location, files, digests or ()),
        problem=" ".join(filter(None, (_problem(facts, fact, key) for fact, key in asked))),
    )


def _data(facts: FactSet, resource: NimStanza) -> FoundData:
    location = location_of(resource)
    if not location:
        return FoundData(resource.get("location"), None, "", _elsewhere(resource))
    text = told(facts, NIM_LIVE_UPDATE_DATA, location)
    problem = _problem(facts, NIM_LIVE_UPDATE_DATA, location)
    if text is None:
        return FoundData(location, None, "", problem or f"There is no file {location}.")
    return FoundData(location, text, digest(text.encode()), "")


def _elsewhere(resource: NimStanza) -> str:
    return f"It lies on {resource.get('server') or 'a host that NIM does not name'}, not on the NIM master."


def _problem(facts: FactSet, fact: Fact[Any], key: str) -> str:
    try:
        facts.value(fact, key)
    except FactMissing as missing:
        return f"{missing.reason.rstrip('.')}."
    return ""


def _toc(digests: Iterable[FileDigest]) -> str:
    """The digest of the table of contents that lies highest."""
    found = [each for each in digests if each.path.endswith("/.toc")]
    highest = min(found, key=lambda each: each.path.count("/"), default=None)
    return PREFIX + highest.sha256 if highest else ""


def _contents(
    location: str, files: tuple[StoredFile, ...] | None, digests: tuple[FileDigest, ...] | None
) -> str:
    if files is None or digests is None:
        return ""
    sizes = [[file.path.removeprefix(location), file.size] for file in files]
    sums = [[file.path.removeprefix(location), file.sha256] for file in digests]
    return digest(canonical_json([sizes, sums]))


def _ifixes(
    facts: FactSet, location: str, files: Iterable[StoredFile], digests: Iterable[FileDigest]
) -> tuple[FoundIfix, ...]:
    sums = {each.path: PREFIX + each.sha256 for each in digests}
    found = []
    for path in (file.path for file in files if file.path.endswith(IFIX_SUFFIX)):
        package = told(facts, NIM_IFIX, path)
        label = package.label if package else path.rpartition("/")[2].partition(".")[0]
        capable = package.lu_capable if package else None
        relative = path.removeprefix(location).lstrip("/")
        found.append(FoundIfix(relative, label, sums.get(path, ""), capable))
    return tuple(found)
