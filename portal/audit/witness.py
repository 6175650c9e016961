"""A small witness to run where the portal's administrators have no rights: `python -m portal.audit.witness`.

It cosigns a checkpoint of a log only when that extends the one it cosigned before, and remembers that in an
SQLite file of its own (https://c2sp.org/tlog-witness, https://c2sp.org/tlog-cosignature). Needs Python 3.11
and `cryptography`, and of the portal only `portal/audit/{witness,note,extension}.py` and
`portal/lib/errors.py`.
"""

import argparse
import base64
import logging
import os
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.audit.extension import is_extension
from portal.audit.note import COSIGNATURE, BadNote, Head, VerifierKey, cosign, signed_part, unverified, verify
from portal.lib.errors import Invalid, PortalError

LARGEST_BODY = 64 * 1024
MOST_PROOF_LINES = 63
READ_TIMEOUT_S = 10.0
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"
TABLE = """
CREATE TABLE IF NOT EXISTS seen (
  origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL, at INTEGER NOT NULL)
"""

log = logging.getLogger("witness")


class Reply(NamedTuple):
    """An HTTP answer."""

    status: HTTPStatus
    text: str
    content_type: str = TEXT_TYPE


class Submission(NamedTuple):
    """What a log submits: from which size on, with which proof, which checkpoint."""

    old: int
    proof: list[bytes]
    note: str


class Witness:
    """Checks and stores in one transaction, so that no two submissions can roll each other back."""

    def __init__(
        self, name: str, key: Ed25519PrivateKey, logs: Sequence[VerifierKey], database: Path
    ) -> None:
        self.name = name
        self.logs = logs
        self._key = key
        self._database = database
        with closing(self._open()) as store:
            store.execute(TABLE)
        database.chmod(0o600)

    @property
    def verifier(self) -> VerifierKey:
        """What the portal's `LEDGER_WITNESSES` names it by."""
        return VerifierKey(self.name, self._key.public_key(), COSIGNATURE)

    def add_checkpoint(self, body: bytes) -> Reply:
        """Answer one submission."""
        try:
            submission = parsed(body)
            origin, head = unverified(submission.note)
        except (BadNote, ValueError) as error:
            return Reply(HTTPStatus.BAD_REQUEST, f"{error}\n")
        keys = [key for key in self.logs if key.origin == origin]
        if not keys:
            return Reply(HTTPStatus.NOT_FOUND, "This log is not known here.\n")
        if not any(_is_signed(submission.note, key) for key in keys):
            return Reply(HTTPStatus.FORBIDDEN, "The checkpoint is not signed by a key of this log.\n")
        if submission.old > head.size:
            return Reply(HTTPStatus.BAD_REQUEST, "The old size is above the checkpoint's.\n")
        return self._judge(origin, head, submission)

    def _judge(self, origin: str, head: Head, submission: Submission) -> Reply:
        with closing(self._open()) as store:
            store.execute("BEGIN IMMEDIATE")
            row = store.execute("SELECT size, root FROM seen WHERE origin = ?", [origin]).fetchone()
            seen = Head(*row) if row else Head(0, b"")
            if submission.old != seen.size:
                return Reply(HTTPStatus.CONFLICT, f"{seen.size}\n", SIZE_TYPE)
            if seen.size == head.size and row and seen.root != head.root:
                log.error("%s shows a second tree of %d entries:\n%s", origin, head.size, submission.note)
                return Reply(HTTPStatus.CONFLICT, f"{seen.size}\n", SIZE_TYPE)
            if not _extends(seen, head, submission.proof):
                log.error("%s does not extend its %d entries:\n%s", origin, seen.size, submission.note)
                return Reply(HTTPStatus.UNPROCESSABLE_ENTITY, "The proof does not hold.\n")
            at = int(time.time())
            store.execute(
                "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)",
                [origin, head.size, head.root, submission.note, at],
            )
            store.execute("COMMIT")
        log.info("cosigned %s at %d entries", origin, head.size)
        return Reply(HTTPStatus.OK, cosign(signed_part(submission.note), self.name, self._key, at))

    def _open(self) -> sqlite3.Connection:
        store = sqlite3.connect(self._database, timeout=READ_TIMEOUT_S, isolation_level=None)
        store.execute("PRAGMA synchronous = FULL")
        return store


def parsed(body: bytes) -> Submission:
    """Read the body of a submission. Raises ValueError."""
    head, found, note = body.decode().partition("\n\n")
    first, *lines = head.split("\n")
    word, _, size = first.partition(" ")
    if not found or word != "old" or not (size.isascii() and size.isdigit()) or len(size) > 19:
        raise ValueError("The first line is not `old` and a size.")
    if size != str(int(size)) or len(lines) > MOST_PROOF_LINES:
        raise ValueError("The size or the proof is not in its canonical form.")
    proof = [base64.b64decode(line, validate=True) for line in lines]
    if any(len(part) != 32 for part in proof):
        raise ValueError("A line of the proof is no hash.")
    return Submission(int(size), proof, note)


def _extends(seen: Head, head: Head, proof: list[bytes]) -> bool:
    if seen.size == 0:
        return not proof
    return is_extension(seen.size, head.size, seen.root, head.root, proof)


def _is_signed(note: str, key: VerifierKey) -> bool:
    try:
        verify(note, key)
    except BadNote:
        return False
    return True


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = READ_TIMEOUT_S
    witness: Witness

    def do_POST(self) -> None:
        """Answer `add-checkpoint`, and nothing else."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._answer(Reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.\n"))
            return
        body = self.rfile.read(int(length))
        if self.path != "/add-checkpoint":
            self._answer(Reply(HTTPStatus.NOT_FOUND, "There is nothing here.\n"))
            return
        self._answer(self.witness.add_checkpoint(body))

    def _answer(self, reply: Reply) -> None:
        content = reply.text.encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name above
        """Say it in the log, escaped."""
        log.info("%s %r", self.client_address[0], format % args)


def serve(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """A server that answers for a witness; the caller lets it run."""
    return ThreadingHTTPServer((host, port), type("WitnessHandler", (Handler,), {"witness": witness}))


def own_key(path: Path) -> Ed25519PrivateKey:
    """The witness's key, made at the first start (32 raw bytes, 0600). Raises Invalid."""
    if not path.exists():
        fresh = Ed25519PrivateKey.generate()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(fresh.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except ValueError as error:
        raise Invalid(
            f"{path} holds no key of a witness.", remedy="Restore it from backup.", code="file_not_readable"
        ) from error


def main(arguments: Sequence[str]) -> int:
    """Run a witness until it is stopped. Returns 2 for what cannot be."""
    parser = argparse.ArgumentParser(prog="python -m portal.audit.witness", description="Run a witness.")
    parser.add_argument("--name", required=True, help="its name, e.g. witness.example.com/lu")
    parser.add_argument("--directory", required=True, type=Path, help="where its key and memory are")
    parser.add_argument(
        "--log", required=True, action="append", help="verifier key of a log; may be repeated"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8460)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        options.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        logs = [VerifierKey.parse(text) for text in options.log]
        key = own_key(options.directory / "witness.key")
        witness = Witness(options.name, key, logs, options.directory / "witness.sqlite3")
    except (PortalError, OSError, sqlite3.Error) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with serve(witness, options.host, options.port) as server:
        sys.stdout.write(f"{witness.verifier} http://{options.host}:{server.server_port}\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
