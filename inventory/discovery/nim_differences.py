"""What of a NIM master's objects is new, changed or gone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from inventory.discovery.differences import Difference
from inventory.discovery.nim_estate import NimEstate

KIND = "nim_object"
LASTING = (
    *("mgmt_profile1", "cpuid", "connect", "if1", "platform", "identity", "mgmt_source"),
    *("serial", "hw_serial", "hmc", "passwd_file", "location", "server"),
)
"""Attributes whose change is told; states come and go with every operation."""


@dataclass(frozen=True, slots=True)
class KnownObject:
    """A NIM object as the inventory has it; `contents` is the digest of what the resource held."""

    row: int
    name: str
    cls: str
    type: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    contents: str = ""
    is_retired: bool = False


def nim_identity(master: str, cls: str, name: str) -> str:
    """What names a NIM object for good: its master, its class and its name there."""
    return f"{master}/{cls}/{name}"


def compare_objects(master: str, estate: NimEstate, known: Iterable[KnownObject]) -> list[Difference]:
    """The differences; what is gone waits for a person, and is told only by an estate that is whole."""
    rows = {each.name: each for each in known}
    found = list(_listed(master, estate, rows))
    if estate.is_whole:
        names = {each.name for each in estate.listed}
        found += [
            _difference(master, each.cls, each.name, "gone", row=each.row, before={"type": each.type})
            for each in rows.values()
            if each.name not in names and not each.is_retired
        ]
    return found


def contents_of(estate: NimEstate, name: str) -> str:
    """The digest of what a resource holds; empty when it holds nothing that is read, or was not read."""
    source, data = estate.sources.get(name), estate.data.get(name)
    return source.contents_digest if source else data.digest if data else ""


def _listed(master: str, estate: NimEstate, rows: Mapping[str, KnownObject]) -> Iterator[Difference]:
    for entry in estate.listed:
        known = rows.get(entry.name)
        if known is None:
            after = {"class": entry.cls, "type": entry.type}
            yield _difference(master, entry.cls, entry.name, "new", after=after)
        elif changes := _changes(known, _now(estate, entry.name, entry.cls, entry.type)):
            before = {name: old for name, (old, _) in changes.items()}
            after = {name: new for name, (_, new) in changes.items()}
            yield _difference(
                master, entry.cls, entry.name, "changed", row=known.row, before=before, after=after
            )


def _now(estate: NimEstate, name: str, cls: str, kind: str) -> dict[str, str]:
    """What is told of an object; attributes only when they were read."""
    stanza = estate.objects.get(name)
    told = {"class": cls, "type": kind, "retired": ""}
    if stanza is not None:
        told |= {attribute: "\n".join(stanza.attributes.get(attribute, ())) for attribute in LASTING}
    if contents := contents_of(estate, name):
        told["contents_digest"] = contents
    return told


def _changes(known: KnownObject, told: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    had = {"class": known.cls, "type": known.type, "retired": "yes" if known.is_retired else ""}
    had |= {attribute: "\n".join(known.attributes.get(attribute) or ()) for attribute in LASTING}
    had["contents_digest"] = known.contents or told.get("contents_digest", "")
    if not known.attributes:
        told = {name: value for name, value in told.items() if name not in LASTING}
    return {name: (had[name], value) for name, value in told.items() if had[name] != value}


def _difference(master: str, cls: str, name: str, change: str, **more: Any) -> Difference:
    identity = nim_identity(master, cls, name)
    return Difference(KIND, identity, name, change, is_certain=change != "gone", **more)
