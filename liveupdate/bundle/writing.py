"""Writes an evidence bundle: first what it is about, then its own entry, then the proof of all entries.

The entry of the export holds the digest of everything else in the bundle, so the ledger vouches for the
pages and the report as well.
"""

import base64
import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from liveupdate.bundle.contents import File, contents_of, entry_of
from liveupdate.bundle.reports import report_files, report_on
from liveupdate.bundle.scope import Scope
from liveupdate.bundle.verifier.opening import PROOF_FOLDER, contents_digest, sha256_of
from liveupdate.reports.catalogue import LONGEST_DAYS
from liveupdate.reports.document import Period, Report
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.export import checkpoint_files, key_files
from portal.audit.partial import (
    SignedLog,
    cached_subtree,
    contents_at,
    earlier_checkpoints,
    hashes_between,
    inclusion_of,
    place_of,
    places_of,
    signed_log,
)
from portal.audit.record import record
from portal.lib.canonical import canonical_json
from portal.lib.errors import Conflict, Invalid

MOST_PROOFS = 2_000
"""Entries up to which each gets a proof file for other tools; tree.json proves them all together."""
TOLD_EVERY = 2_000
Told = Callable[[str, int, int], None]
"""Called with what is done, how much of it, of how much."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    path: str
    entries: int
    files: int
    size: int
    root: str
    bytes: int


def write_bundle(scope: Scope, path: Path, actor: Actor, *, names: bool, told: Told) -> Written:
    """Write the evidence about a scope into one new file, and enter that into the ledger.

    That somebody asks is entered first, which has the ledger signed at once. Raises Invalid where the file
    is there already, Conflict where nothing belongs to the scope, nothing signs or something is not as it
    was entered.
    """
    if path.exists():
        raise Invalid(f"{path} is there already.", remedy="Name a new file.", code="exists_already")
    with transaction.atomic():
        record(Event.EXPORT_ASK, actor, {}, {"scope": scope.words})
    draft = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            bundle = _Bundle(archive)
            log, count = _fill(bundle, scope, actor, names=names, told=told)
        _seal(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    root = log.head.root.hex()
    return Written(str(path), count, len(bundle.digests), log.head.size, root, path.stat().st_size)


class _Bundle:
    """The files written so far, by digest."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.digests: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        """Write one file; the same files give the same bytes."""
        self.archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        self.digests[name] = sha256_of(content)


def _fill(bundle: _Bundle, scope: Scope, actor: Actor, *, names: bool, told: Told) -> tuple[SignedLog, int]:
    report = _report(scope, told, names=names)
    reports, wanted = list[File](), scope.wanted
    if report:
        reports = list(report_files(report))
        wanted = replace(wanted, newest=(Event.AUTH_OK,), size=report.standing.size)
    places = places_of(wanted)
    about = [entry_of(seq, content) for seq, content in _counted(contents_at(places), len(places), told)]
    if not about:
        raise Conflict("Nothing in the ledger belongs to this.", code="nothing_to_export")
    for name, content in contents_of(scope.words, about, reports, names=names):
        bundle.add(name, content)
    log = signed_log()
    for name, content in key_files(log.keys).items():
        bundle.add(name, content)
    contents = contents_digest(bundle.digests)
    with transaction.atomic():
        entered = record(Event.EXPORT_CREATE, actor, {}, {"scope": scope.words, "contents": contents})
    places = [*places, place_of(entered)]
    log = signed_log()
    _add_proof(bundle, log, places, told)
    manifest = {"v": 1, "scope": scope.words, "sha256": bundle.digests}
    bundle.add("manifest.json", canonical_json(manifest))
    return log, len(places)


def _report(scope: Scope, told: Told, *, names: bool) -> Report | None:
    """The compliance report of a period, by a checkpoint that the bundle's own comes after.

    None for a period that is longer than a report's may be.
    """
    if scope.begin is None or scope.end is None or scope.end - scope.begin > timedelta(days=LONGEST_DAYS):
        return None
    return report_on(Period(scope.begin, scope.end, settings.TIME_ZONE), told, names=names)


def _add_proof(bundle: _Bundle, log: SignedLog, places: Sequence[int], told: Told) -> None:
    subtree = cached_subtree()
    for name, content in checkpoint_files(log).items():
        bundle.add(name, content)
    bundle.add("entries.jsonl", b"".join(_lines(contents_at(places))))
    bundle.add("tree.json", canonical_json(_encoded(hashes_between(log.head.size, places, subtree))))
    anchors = (
        canonical_json({"checkpoint": note, "proof": _encoded(proof)}) + b"\n"
        for note, proof in earlier_checkpoints(log, subtree)
    )
    bundle.add("anchors.jsonl", b"".join(anchors))
    if len(places) > MOST_PROOFS:
        return
    for number, place in enumerate(places, 1):
        bundle.add(f"{PROOF_FOLDER}{place}.tlog-proof", inclusion_of(place, log, subtree).encode())
        told("proofs", number, len(places))


def _lines(entries: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    for seq, content in entries:
        yield canonical_json({"entry": content.decode(), "seq": seq}) + b"\n"


def _encoded(hashes: Iterable[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in hashes]


def _counted(entries: Iterable[tuple[int, bytes]], total: int, told: Told) -> Iterator[tuple[int, bytes]]:
    for number, entry in enumerate(entries, 1):
        yield entry
        if number % TOLD_EVERY == 0 or number == total:
            told("entries", number, total)


def _seal(path: Path) -> None:
    """Give the zip a comment that names the SHA-256 of every byte before it."""
    comment = b"sha256:" + b"0" * 64
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = comment
    digest = hashlib.sha256()
    with path.open("r+b") as stream:
        left = path.stat().st_size - len(comment)
        while left:
            piece = stream.read(min(left, 1 << 20))
            digest.update(piece)
            left -= len(piece)
        stream.write(b"sha256:" + digest.hexdigest().encode())
