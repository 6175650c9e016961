"""Writes the whole ledger, up to its newest checkpoint, as files that need no portal to be checked."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portal.audit.anchors.configured import configured_anchors
from portal.audit.anchors.witness import WitnessAnchor
from portal.audit.chunks import open_chunk
from portal.audit.log_keys import LogKeys
from portal.audit.models import Checkpoint, Chunk, Receipt
from portal.audit.partial import SignedLog, signed_log
from portal.audit.releases import authorities
from portal.audit.rows import StoredRow, placed_rows
from portal.audit.signer import SignerFiles
from portal.audit.sshsig import allowed_signers
from portal.audit.tiles import WIDTH, bundle_member, tile_name, tiles_of
from portal.audit.tree import level_hashes
from portal.lib.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Export:
    """What was written."""

    directory: str
    size: int
    root: str
    checkpoint: str
    chunks: int
    files: int


def check_unused(directory: Path) -> None:
    """Raise Invalid unless the directory is new or empty."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise Invalid(
            f"{directory} is not an empty directory.", remedy="Name a new directory.", code="not_empty"
        )


def export_ledger(directory: Path) -> Export:
    """Write the log into a new or empty directory (layout: docs/audit-format.md).

    Raises Invalid when the directory holds something, Conflict when nothing is signed yet or entries
    are missing, and BadNote or ChunkDamaged for what is not as it was written.
    """
    check_unused(directory)
    log, files = signed_log(), SignerFiles.from_settings()
    head, note = log.head, log.note
    writer = _Writer(directory)
    _write_entries(writer, head.size)
    _write_tiles(writer, head.size)
    chunks = _write_chunks(writer)
    for name, content in key_files(log.keys).items():
        writer.write(name, content)
    if files.anchor.exists():
        writer.write("anchors.jsonl", files.anchor.read_bytes())
    for name, content in checkpoint_files(log).items():
        writer.write(name, content)
    export = Export(str(directory), head.size, head.root.hex(), note, chunks, len(writer.digests))
    manifest = {"v": 1, "origin": log.key.origin, **asdict(export), "sha256": writer.digests}
    writer.write("manifest.json", json.dumps(manifest, indent=1, sort_keys=True).encode())
    return export


class _Writer:
    """Writes files below a directory and keeps their digests."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.digests: dict[str, str] = {}
        directory.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, content: bytes) -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.digests[name] = sha256(content).hexdigest()


def _write_entries(writer: _Writer, size: int) -> None:
    """Entry bundles of 256, and every entry as a line (canonical JSON holds no line break).

    A pruned entry is an empty line, and there is no bundle with it.
    """
    pruned = [each.span for each in authorities() if each.what == "entries"]
    contents = _contents(islice(placed_rows(), size), pruned)
    lines = sha256()
    with (writer.directory / "entries.jsonl").open("wb") as stream:
        for number in range((size + WIDTH - 1) // WIDTH):
            bundle = list(islice(contents, WIDTH))
            if all(bundle):
                name = f"tile/entries/{tile_name(number, len(bundle))}"
                writer.write(name, b"".join(bundle_member(content) for content in bundle))
            for content in bundle:
                lines.update(content + b"\n")
                stream.write(content + b"\n")
    writer.digests["entries.jsonl"] = lines.hexdigest()


def _contents(rows: Iterator[StoredRow], pruned: Sequence[range]) -> Iterator[bytes]:
    for row in rows:
        if not row.content and not any(row.seq in span for span in pruned):
            raise Conflict(
                f"The content of entry {row.seq} is missing.",
                remedy="Run audit_verify.",
                code="entries_missing",
            )
        yield row.content or b""


def _write_tiles(writer: _Writer, size: int) -> None:
    for level, number, width in tiles_of(size):
        hashes = level_hashes(level, number * WIDTH, width)
        writer.write(f"tile/{level}/{tile_name(number, width)}", b"".join(hashes))


def _write_chunks(writer: _Writer) -> int:
    count = 0
    for name, stored in Chunk.objects.order_by("digest").values_list("digest", "content").iterator(200):
        writer.write(f"chunks/{name.removeprefix('sha256:')}", open_chunk(name, bytes(stored)))
        count += 1
    return count


def key_files(keys: LogKeys) -> dict[str, bytes]:
    """The log's keys as files: for notes, for OpenSSL, for ssh-keygen, and as a C2SP policy."""
    newest = keys.newest
    return {
        "log.vkey": f"{newest}\n".encode(),
        "log.pem": newest.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "keys.jsonl": keys.text().encode(),
        "allowed_signers": allowed_signers(keys.keys).encode(),
        "policy": policy(keys).encode(),
    }


def checkpoint_files(log: SignedLog) -> dict[str, bytes]:
    """The checkpoint as files: the note, its signature for ssh-keygen, the newest time stamp."""
    files = {"checkpoint": log.note.encode()}
    if log.ssh_signature:
        files["checkpoint.sig"] = log.ssh_signature.encode()
    token = Receipt.objects.filter(kind=Receipt.Kind.TOKEN, size__lte=log.head.size).order_by("-size").first()
    if token is not None:
        files["timestamp.tsr"] = base64.b64decode(token.content)
        files["timestamp.checkpoint"] = Checkpoint.objects.get(size=token.size).note.encode()
    return files


def policy(keys: LogKeys) -> str:
    """Whom to trust, as https://c2sp.org/tlog-policy: any one witness, where there are some."""
    origin = keys.newest.origin
    logs = {str(one.key): None for one in keys.keys if one.key.origin == origin}
    lines = [f"log {vkey}" for vkey in logs]
    witnesses = [anchor for anchor in configured_anchors() if isinstance(anchor, WitnessAnchor)]
    lines += [f"witness w{number} {anchor.key}" for number, anchor in enumerate(witnesses, 1)]
    if witnesses:
        names = " ".join(f"w{number}" for number, _ in enumerate(witnesses, 1))
        lines += [f"group witnesses any {names}", "quorum witnesses"]
    else:
        lines.append("quorum none")
    return "\n".join(lines) + "\n"
