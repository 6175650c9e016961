"""Verifies an export or archive by itself: its files, its signature, its tree, its output."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from portal.audit.log_keys import LogKeys
from portal.audit.merkle import leaf_hash
from portal.audit.note import BadNote
from portal.audit.tiles import WIDTH, tile_name
from portal.audit.verification.growth import Growth
from portal.lib.canonical import digest
from portal.lib.errors import Conflict


@dataclass(frozen=True, slots=True)
class Archive:
    """What a good archive holds: `digest` is the SHA-256 of its manifest, which names that of every file."""

    digest: str
    size: int
    places: frozenset[int]
    chunks: frozenset[str]


def check_archive(directory: Path, keys: LogKeys) -> Archive:
    """Read all of an export; `keys` are trusted, not those in it. Raises Conflict for what is wrong."""
    try:
        manifest = (directory / "manifest.json").read_bytes()
        files = dict(json.loads(manifest)["sha256"])
        for name, expected in files.items():
            if sha256((directory / name).read_bytes()).hexdigest() != expected:
                raise _bad(directory, f"{name} was altered")
        head = keys.verify((directory / "checkpoint").read_text())
        lines = (directory / "entries.jsonl").read_bytes().split(b"\n")[:-1]
        if len(lines) != head.size:
            raise _bad(directory, f"it holds {len(lines)} entries of {head.size}")
        tree = Growth(())
        for number in range(0, head.size, WIDTH):
            tree.extend(_leaves(directory, number, lines[number : number + WIDTH]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _bad(directory, f"it cannot be read ({error})") from error
    except BadNote as error:
        raise _bad(directory, error.message) from error
    if tree.root() != head.root:
        raise _bad(directory, "its entries are not those that were signed")
    chunks = frozenset(f"sha256:{name.partition('/')[2]}" for name in files if name.startswith("chunks/"))
    for name in chunks:
        if digest((directory / "chunks" / name.partition(":")[2]).read_bytes()) != name:
            raise _bad(directory, f"the output {name} was altered")
    places = frozenset(place for place, line in enumerate(lines) if line)
    return Archive(digest(manifest), head.size, places, chunks)


def _leaves(directory: Path, first: int, lines: list[bytes]) -> list[bytes]:
    """The leaf hashes of a hash tile, which those of the entries that are there must be."""
    tile = (directory / "tile/0" / tile_name(first // WIDTH, len(lines))).read_bytes()
    leaves = [tile[at : at + 32] for at in range(0, len(tile), 32)]
    for place, (line, leaf) in enumerate(zip(lines, leaves, strict=True), first):
        if line and leaf_hash(line) != leaf:
            raise _bad(directory, f"entry {place} was altered")
    return leaves


def _bad(directory: Path, why: str) -> Conflict:
    return Conflict(
        f"{directory} is no good archive: {why}.", remedy="Use another copy.", code="archive_altered"
    )
