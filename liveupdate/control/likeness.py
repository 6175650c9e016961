"""Plans that are equal but for their target: they are read once and decided one by one.

The target's own names are replaced by placeholders, each value by one placeholder and none by two, so
two plans are alike only if one becomes the other by renaming the target. Everything else counts: other
hosts, accounts, levels, numbers and orders make another plan.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from portal.lib.canonical import canonical_json, digest

OPEN, CLOSE = "⟦", "⟧"
DISK_ROLES = ("rootvg", "nhdisk", "mhdisk", "rollback_clone", "clone", "disks", "replaced")
"""Parameters that list disks of the target by name."""
NIM_NAMES = ("nim_client", "live_update_data", "nim_system")
"""Parameters that say what a NIM master calls the target and what belongs to it alone."""
NIM_PARTITION = "nim_partition"
"""The parameter that says by which partition id NIM tells the HMC of the target."""
ID_PLACES = (r"(?<=\bidentity=){}\b", r"(?<=\bpartition ){}(?= of )", r"(?<=\\s\+){}(?=\\s\+)")
"""Where a partition id stands in a plan: a command, a title, a pattern. Any other such number is just one."""
NO_PVID = frozenset({"", "none"})


def likeness_of(document: str) -> str:
    """The digest that plans share which are equal but for their target; `document` is a plan's stored text.

    A plan that holds a placeholder's brackets itself is like no other.
    """
    if OPEN in document or CLOSE in document:
        return digest(document.encode())
    return digest(canonical_json(neutral(json.loads(document))))


def neutral(document: dict[str, Any]) -> dict[str, Any]:
    """A plan's document with placeholders for what is its target's alone."""
    names = _placeholders(document)
    number = document["parameters"].get(NIM_PARTITION, "")
    pattern = _pattern(names, number)
    if number:
        names = {**names, number: f"{OPEN}partition id{CLOSE}"}
    plan: dict[str, Any] = _replaced(_without_file_digest(document), pattern, names)
    lpar = plan.get("hosts", {}).get("lpar")
    if lpar:
        lpar["port"] = f"{OPEN}port{CLOSE}"
    if number:
        plan["parameters"][NIM_PARTITION] = names[number]
    return plan


def own_values(document: dict[str, Any]) -> dict[str, str]:
    """What `neutral` takes for the target's alone, in words: what it is, and its value."""
    own: dict[str, str] = {}
    for meaning, value in _identity(document):
        if value:
            own.setdefault(meaning.replace("_", " "), value)
    if number := document["parameters"].get(NIM_PARTITION, ""):
        own["partition id"] = number
    if port := document["hosts"].get("lpar", {}).get("port"):
        own["port"] = str(port)
    return own


def _placeholders(document: dict[str, Any]) -> dict[str, str]:
    """Placeholder by value; a value that means two things has the first one's."""
    names: dict[str, str] = {}
    for meaning, value in _identity(document):
        if value:
            names.setdefault(value, f"{OPEN}{meaning}{CLOSE}")
    for value, meant in list(names.items()):
        if (escaped := re.escape(value)) != value:
            names.setdefault(escaped, f"{meant[:-1]} in a pattern{CLOSE}")
    return names


def _identity(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    host = document["hosts"].get("lpar", {})
    yield "LPAR", document["lpar"]["name"]
    yield "host", host.get("name", "")
    yield "partition", document["lpar"]["partition"]
    yield "UUID", document["lpar"]["uuid"]
    yield "managed system", document["lpar"]["managed_system"]
    yield "serial number", document["lpar"]["managed_system_serial"]
    yield "address", host.get("address", "")
    yield "host key", host.get("host_key", "")
    parameters = document["parameters"]
    for name in NIM_NAMES:
        yield name, parameters.get(name, "")
    disks: dict[str, str] = {}
    for role in DISK_ROLES:
        for number, disk in enumerate(parameters.get(role, ()), 1):
            yield disks.setdefault(disk, f"{role} {number}"), disk
    for disk, pvid in parameters.get("pvids", {}).items():
        if pvid not in NO_PVID:
            yield f"PVID of {disks.get(disk, disk)}", pvid


def _pattern(names: dict[str, str], number: str) -> re.Pattern[str]:
    """Every value as a whole word, the longest first; and the partition id where it is meant."""
    longest_first = sorted(names, key=len, reverse=True)
    words = "|".join(re.escape(value) for value in longest_first)
    places = "".join("|" + place.format(re.escape(number)) for place in ID_PLACES) if number else ""
    return re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9]){places}")


def _replaced(held: Any, pattern: re.Pattern[str], names: dict[str, str]) -> Any:
    if isinstance(held, str):
        return pattern.sub(lambda found: names[found.group()], held)
    if isinstance(held, dict):
        return {_replaced(k, pattern, names): _replaced(v, pattern, names) for k, v in held.items()}
    if isinstance(held, list):
        return [_replaced(each, pattern, names) for each in held]
    return held


def _without_file_digest(document: dict[str, Any]) -> dict[str, Any]:
    """The document without size and digest of a file that one of its steps writes: the content says both."""
    said = document["parameters"].get("lvupdate_data")
    written = [step["action"] for step in document["steps"] if step["action"]["do"] == "write_file"]
    if said not in [_described(file) for file in written]:
        return document
    parameters = {name: value for name, value in document["parameters"].items() if name != "lvupdate_data"}
    return {**document, "parameters": parameters}


def _described(file: dict[str, Any]) -> dict[str, Any]:
    content = file["content"].encode()
    return {"bytes": len(content), "digest": digest(content), "path": file["path"]}
