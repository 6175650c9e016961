"""Opens a bundle: one zip file, whose bytes, names, digests and entries are all as they were written."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import zipfile
from typing import Any, NamedTuple

from liveupdate.bundle.verifier.checkpoint import BadCheckpoint, LogKey, SignedHead, log_key, signed_head
from liveupdate.bundle.verifier.keys import KeySpan, head_by, is_given_up, key_spans
from liveupdate.bundle.verifier.tree import BadTree, leaf_of, root_from
from portal.audit.extension import is_extension

MOST_BYTES = 4 << 30
"""A file of a bundle that claims to be larger is not unpacked."""
PROOF_FILES = frozenset(["manifest.json", "checkpoint", "entries.jsonl", "tree.json", "anchors.jsonl"])
"""What proves the entries. The digest of every other file stands in the entry of the export itself."""
BESIDE_CHECKPOINT = frozenset(["checkpoint.sig", "timestamp.tsr", "timestamp.checkpoint"])
"""What programs of others check a checkpoint by; it comes with the checkpoint, after the export's entry."""
PROOF_FOLDER = "proofs/"


class Broken(Exception):
    """The bundle is not as it was written, or not what it claims to be."""


class Entry(NamedTuple):
    """One entry of the ledger at its place."""

    seq: int
    text: bytes
    said: dict[str, Any]

    @property
    def type(self) -> str:
        """Its kind."""
        return str(self.said["t"])


class Bundle(NamedTuple):
    """A bundle that is in one piece: everything in it is proven but what the entries say of each other."""

    files: dict[str, bytes]
    manifest: dict[str, Any]
    keys: list[KeySpan]
    head: SignedHead
    entries: list[Entry]
    export: Entry

    @property
    def key(self) -> LogKey:
        """The key that signs now."""
        return self.keys[-1].key


def open_bundle(content: bytes, key_text: str = "") -> Bundle:
    """Read a bundle and check all of it. With `key_text` the log's key is that one, not the enclosed one.

    Raises Broken.
    """
    files = unpacked(content)
    manifest = _manifest(files)
    try:
        keys = _keys_of(files, key_text)
        head = signed_head(files["checkpoint"].decode(), keys[-1].key)
    except (BadCheckpoint, UnicodeDecodeError) as error:
        raise Broken(str(error)) from error
    entries = _entries(files["entries.jsonl"])
    _check_tree(files["tree.json"], head, entries)
    export = _export_of(files, entries)
    if manifest["scope"] != export.said["d"]["scope"]:
        raise Broken("manifest.json names another scope than the entry of the export.")
    return Bundle(files, manifest, keys, head, entries, export)


def _keys_of(files: dict[str, bytes], trusted: str) -> list[KeySpan]:
    """The log's keys as far as `trusted` (a verifier key; empty: the enclosed one) vouches for them."""
    if "keys.jsonl" not in files:
        return [KeySpan(0, None, 0, log_key(trusted or files["log.vkey"].decode()))]
    spans = key_spans([_parsed("keys.jsonl", line) for line in files["keys.jsonl"].splitlines()], trusted)
    if spans[-1].key != log_key(files["log.vkey"].decode()):
        raise Broken("log.vkey is not the newest key of keys.jsonl.")
    return spans


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of the zip. Its comment is the SHA-256 of every byte before it. Raises Broken."""
    seal = b"sha256:" + hashlib.sha256(content[:-71]).hexdigest().encode()
    if content[-71:] != seal:
        raise Broken("The file is damaged or cut: its bytes are not those that its comment names.")
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                if _is_hostile(info.filename) or info.filename in files or info.file_size > MOST_BYTES:
                    raise Broken(f"The bundle holds a file that has no place in it: {info.filename[:80]!r}.")
                files[info.filename] = archive.read(info)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise Broken(f"The file is no bundle: {error}.") from error
    return files


def contents_digest(digests: dict[str, str]) -> str:
    """One digest over the names and digests of every file but those that prove the entries."""
    kept = sorted(
        (name, digest)
        for name, digest in digests.items()
        if name not in PROOF_FILES | BESIDE_CHECKPOINT and not name.startswith(PROOF_FOLDER)
    )
    return sha256_of("".join(f"{digest} {name}\n" for name, digest in kept).encode())


def sha256_of(content: bytes) -> str:
    """A digest as the portal writes it."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def canonical(value: Any) -> bytes:
    """Canonical JSON: UTF-8, sorted keys, no blanks."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _is_hostile(name: str) -> bool:
    parts = name.split("/")
    return not name or name.startswith("/") or "\\" in name or any(part in ("", ".", "..") for part in parts)


def _manifest(files: dict[str, bytes]) -> dict[str, Any]:
    missing = sorted((PROOF_FILES | {"log.vkey"}) - set(files))
    if missing:
        raise Broken(f"The bundle lacks {', '.join(missing)}.")
    manifest = _parsed("manifest.json", files["manifest.json"])
    if not isinstance(manifest, dict) or set(manifest) != {"v", "scope", "sha256"} or manifest["v"] != 1:
        raise Broken("manifest.json is not a manifest of version 1.")
    found = {name: sha256_of(content) for name, content in files.items() if name != "manifest.json"}
    if found != manifest["sha256"]:
        names = {
            name for name in {*found, *manifest["sha256"]} if found.get(name) != manifest["sha256"].get(name)
        }
        raise Broken(f"Files are not those that manifest.json names: {', '.join(sorted(names)[:5])}.")
    return manifest


def _parsed(name: str, content: bytes) -> Any:
    try:
        read = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise Broken(f"{name} is not JSON: {error}.") from error
    if canonical(read) != content.rstrip(b"\n"):
        raise Broken(f"{name} is not in its canonical form.")
    return read


def _entries(lines: bytes) -> list[Entry]:
    entries = []
    for line in lines.splitlines():
        held = _parsed("entries.jsonl", line)
        try:
            text = held["entry"].encode()
            entries.append(Entry(int(held["seq"]), text, _parsed(f"Entry {held['seq']}", text)))
        except (TypeError, KeyError, AttributeError) as error:
            raise Broken(f"A line of entries.jsonl is no entry: {line[:80]!r}.") from error
    return entries


def _check_tree(content: bytes, head: SignedHead, entries: list[Entry]) -> None:
    """Every entry stands at its place under the signed root."""
    try:
        between = hashes_in(_parsed("tree.json", content))
        leaves = [leaf_of(entry.text) for entry in entries]
        root = root_from(head.size, [entry.seq for entry in entries], leaves, between)
    except BadTree as error:
        raise Broken(str(error)) from error
    if root != head.root:
        raise Broken("The entries are not those that the checkpoint was signed for.")


def hashes_in(listed: Any) -> list[bytes]:
    """Hashes from their base64 in a list. Raises Broken."""
    if not isinstance(listed, list):
        raise Broken("A list of hashes is none.")
    try:
        return [base64.b64decode(each, validate=True) for each in listed]
    except (binascii.Error, TypeError, ValueError) as error:
        raise Broken("A list of hashes holds something else.") from error


def _export_of(files: dict[str, bytes], entries: list[Entry]) -> Entry:
    """The entry that the portal made for this very bundle: it names the digest of what is in it."""
    digests = {name: sha256_of(content) for name, content in files.items()}
    wanted = contents_digest(digests)
    made = [entry for entry in entries if entry.type == "export.create"]
    speaking = [entry for entry in made if entry.said["d"].get("contents") == wanted]
    if not speaking:
        raise Broken(
            "No entry of the ledger speaks of this bundle: files in it are not those that were exported."
        )
    return speaking[-1]


def check_anchors(bundle: Bundle, published: bytes = b"") -> int:
    """Every checkpoint that was published before is a beginning of this tree; returns how many.

    `published` are lines of an anchor file that somebody kept elsewhere; each must be among them.
    Raises Broken.
    """
    proven = {}
    for line in bundle.files["anchors.jsonl"].splitlines():
        held = _parsed("anchors.jsonl", line)
        try:
            head = head_by(bundle.keys, held["checkpoint"])
            proof = hashes_in(held["proof"])
        except (BadCheckpoint, TypeError, KeyError) as error:
            raise Broken(f"A line of anchors.jsonl is wrong: {error}.") from error
        if not is_extension(head.size, bundle.head.size, head.root, bundle.head.root, proof):
            raise Broken(f"The checkpoint at {head.size} entries is no beginning of this ledger.")
        proven[head.size] = head.root
    for line in published.splitlines():
        _check_published(line, bundle, proven)
    return len(proven)


def _check_published(line: bytes, bundle: Bundle, proven: dict[int, bytes]) -> None:
    try:
        note = json.loads(line.decode())["checkpoint"]
        head = head_by(bundle.keys, note)
    except (BadCheckpoint, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Broken(f"A line of the anchor file is wrong: {error}.") from error
    if is_given_up(bundle.keys, note, head):
        return
    if head.root != {**proven, bundle.head.size: bundle.head.root}.get(head.size, head.root):
        raise Broken(f"The anchor file knows another ledger of {head.size} entries.")
