"""Our witness, by its protocol (https://c2sp.org/tlog-witness), over HTTP and on its own."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.audit import note
from portal.audit.anchors.witness import request_body
from portal.audit.merkle import consistency_proof, leaf_hash, root_of
from portal.audit.note import Head, VerifierKey, sign
from portal.audit.witness import Witness, serve

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "log.example/lu"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LEAVES = [leaf_hash(b"%d" % number) for number in range(40)]
LOG = VerifierKey(ORIGIN, KEY.public_key())


def subtree(level: int, index: int) -> bytes:
    return root_of(LEAVES[index << level : (index + 1) << level])


def checkpoint(size: int, key: Ed25519PrivateKey = KEY, origin: str = ORIGIN) -> str:
    return sign(Head(size, root_of(LEAVES[:size])), origin, key)


def submitted(old: int, size: int) -> bytes:
    proof = consistency_proof(old, size, subtree) if old else []
    return request_body(checkpoint(size), old, proof).encode()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness("w.example", Ed25519PrivateKey.generate(), [LOG], tmp_path / "witness.sqlite3")


def test_what_extends_is_cosigned_and_remembered(witness: Witness) -> None:
    for old, size in ((0, 3), (3, 20), (20, 20), (20, 40)):
        reply = witness.add_checkpoint(submitted(old, size))
        assert reply.status == HTTPStatus.OK
        assert note.cosigned_at(checkpoint(size) + reply.text, witness.verifier) > 1_600_000_000
    reply = witness.add_checkpoint(submitted(20, 40))
    assert (reply.status, reply.text, reply.content_type) == (409, "40\n", "text/x.tlog.size")


def test_every_refusal_is_the_protocols(witness: Witness) -> None:
    witness.add_checkpoint(submitted(0, 20))
    stranger = Ed25519PrivateKey.generate()
    wrong = [bytes(32)] * len(consistency_proof(20, 40, subtree))
    fork = sign(Head(20, bytes(32)), ORIGIN, KEY)
    for body, status in (
        (request_body(checkpoint(30, origin="other.example"), 20, []), 404),
        (request_body(checkpoint(30, stranger), 20, []), 403),
        (request_body(checkpoint(10), 20, []), 400),
        (request_body(checkpoint(40), 0, []), 409),
        (request_body(checkpoint(40), 20, []), 422),
        (request_body(checkpoint(40), 20, wrong), 422),
        (request_body(fork, 20, []), 409),
    ):
        assert witness.add_checkpoint(body.encode()).status == status
    assert witness.add_checkpoint(submitted(20, 40)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"old 0",
        b"old 0\n\n",
        b"new 0\n\n" + checkpoint(3).encode(),
        b"old 00\n\n" + checkpoint(3).encode(),
        b"old -1\n\n" + checkpoint(3).encode(),
        b"old " + b"9" * 5000 + b"\n\n" + checkpoint(3).encode(),
        "old \u0663\n\n".encode() + checkpoint(3).encode(),
        b"old 0\nnot base64!\n\n" + checkpoint(3).encode(),
        b"old 0\nAAAA\n\n" + checkpoint(3).encode(),
        b"old 0\n" + b"AAAA\n" * 64 + b"\n" + checkpoint(3).encode(),
        b"old 0\n\n" + checkpoint(3).replace("\n3\n", "\n03\n").encode(),
        b"old 0\n\n" + checkpoint(3).replace("\n3\n", "\n" + "3" * 5000 + "\n").encode(),
    ],
)
def test_what_is_no_submission_is_a_bad_request(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status == 400


def test_of_many_at_once_one_is_taken(witness: Witness) -> None:
    witness.add_checkpoint(submitted(0, 10))
    start, replies = threading.Barrier(8), list[int]()

    def submit(size: int) -> None:
        start.wait()
        replies.append(witness.add_checkpoint(submitted(10, size)).status)

    threads = [threading.Thread(target=submit, args=(11 + number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(replies) == [200] + [409] * 7


@pytest.fixture
def address(witness: Witness) -> Iterator[str]:
    with serve(witness, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(5)


def test_only_its_own_address_answers_and_large_bodies_are_not_read(address: str) -> None:
    with httpx.Client(trust_env=False) as client:
        assert client.post(f"{address}/add-checkpoint", content=submitted(0, 3)).status_code == 200
        assert client.post(f"{address}/other", content=b"x").status_code == 404
        assert client.get(f"{address}/add-checkpoint").status_code == 501
        assert client.post(f"{address}/add-checkpoint", content=b"x" * 70_000).status_code == 413


def test_it_runs_on_a_host_that_has_six_files_of_the_portal_and_no_django(tmp_path: Path) -> None:
    for name in (
        *("portal/__init__.py", "portal/lib/__init__.py", "portal/lib/errors.py", "portal/audit/__init__.py"),
        *("portal/audit/witness.py", "portal/audit/note.py", "portal/audit/extension.py"),
    ):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    argv = [
        sys.executable,
        "-X",
        "importtime",
        "-m",
        "portal.audit.witness",
        "--name",
        "w.example",
        "--port",
        "0",
    ]
    argv += ["--directory", str(tmp_path / "memory"), "--log", str(LOG)]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        argv, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        vkey, url = process.stdout.readline().split()
        with httpx.Client(trust_env=False) as client:
            reply = client.post(f"{url}/add-checkpoint", content=submitted(0, 3))
        assert note.cosigned_at(checkpoint(3) + reply.text, VerifierKey.parse(vkey)) > 0
    finally:
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert "django" not in said
    assert (tmp_path / "memory" / "witness.key").stat().st_mode & 0o777 == 0o600
