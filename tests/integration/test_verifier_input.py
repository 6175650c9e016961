"""Verifiers are attacked too: broken checkpoints, keys and anchors end in a sentence and the right status."""

import base64
import json
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from liveupdate.bundle.verifier.checkpoint import BadCheckpoint, log_key, signed_head
from liveupdate.bundle.verifier.keys import key_spans
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.extension import is_extension
from portal.audit.merkle import EMPTY_ROOT, leaf_hash
from portal.audit.note import BadNote, Head, VerifierKey, cosigned_at, sign, unverified, verify
from portal.audit.record import record
from portal.audit.sealer import seal_now


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = "log.example/lu"
LOG = VerifierKey(ORIGIN, KEY.public_key())
NOTE = sign(Head(7, bytes(32)), ORIGIN, KEY)
LINE = NOTE.rstrip("\n").rsplit("\n", 1)[1]
NO_CHECKPOINTS = {
    "empty": "",
    "blank lines": "\n\n\n\n",
    "no signature": NOTE.split("\u2014")[0],
    "a size with 5,000 digits": NOTE.replace("\n7\n", "\n" + "7" * 5000 + "\n"),
    "a size with a zero before it": NOTE.replace("\n7\n", "\n07\n"),
    "a size in other digits": NOTE.replace("\n7\n", "\n\u0667\n"),
    "a size with an underscore": NOTE.replace("\n7\n", "\n7_0\n"),
    "a negative size": NOTE.replace("\n7\n", "\n-7\n"),
    "a root that is no base64": NOTE.replace("AAAA", "A*AA", 1),
    "a root of 31 bytes": NOTE.replace(encoded(bytes(32)), encoded(bytes(31))),
    "a root in other base64": NOTE.replace("AAA=", "AAB="),
    "a second size line": NOTE.replace("\n7\n", "\n7\n7\n"),
    "carriage returns": NOTE.replace("\n", "\r\n"),
    "a signature that is no base64": NOTE.replace(LINE, LINE[:-4] + "***="),
    "a signature of 5 bytes": NOTE.replace(LINE, f"\u2014 {ORIGIN} {encoded(LOG.id + b'x')}"),
    "a hyphen for the dash": NOTE.replace("\u2014", "-"),
    "a lone surrogate": NOTE.replace("\n7\n", "\n\udcff\n"),
}  # fmt: skip


@pytest.mark.parametrize("text", NO_CHECKPOINTS.values(), ids=NO_CHECKPOINTS)
def test_what_is_no_checkpoint_is_refused_in_words_by_both_readers(text: str) -> None:
    with pytest.raises(BadNote) as refused:
        verify(text, LOG)
    assert refused.value.message.endswith((".", "'", '"')) and len(refused.value.message) < 400
    with pytest.raises(BadCheckpoint):
        signed_head(text, log_key(str(LOG)))


def test_a_signature_line_twice_is_one_signature() -> None:
    assert verify(f"{NOTE}{LINE}\n", LOG) == Head(7, bytes(32))
    assert signed_head(f"{NOTE}{LINE}\n", log_key(str(LOG))) == (7, bytes(32))


def test_a_cosignature_that_is_cut_is_refused() -> None:
    witness = VerifierKey("w.example", KEY.public_key(), b"\x04")
    for length in (0, 4, 8, 71, 73):
        with pytest.raises(BadNote):
            cosigned_at(f"{NOTE}\u2014 w.example {encoded(witness.id + bytes(length))}\n", witness)


@pytest.mark.parametrize("proof", [[], [EMPTY_ROOT], [leaf_hash(b"x")]])
@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (0, 8), (8, 0), (-1, 8), (9, 8)])
def test_no_growth_from_nothing_is_ever_proven(old: int, new: int, proof: list[bytes]) -> None:
    """transparency-dev's vectors: consistency from size 0 is refused."""
    assert not is_extension(old, new, EMPTY_ROOT, leaf_hash(b"x"), proof)


@pytest.mark.parametrize(
    "listed",
    [
        [], [{}], [7], ["x"], [None],
        [{"since": 0, "vkey": "x", "handover": "", "abandoned": ""}],
        [{"since": 5, "vkey": str(LOG), "handover": "", "abandoned": ""}],
        [{"since": "a", "vkey": str(LOG), "handover": "", "abandoned": ""}],
        [{"since": 0, "vkey": str(LOG), "handover": "", "abandoned": ""}] * 2,
    ],
)  # fmt: skip
def test_verify_py_refuses_a_list_of_keys_that_is_none(listed: list[object]) -> None:
    with pytest.raises(BadCheckpoint):
        key_spans(listed, "")


@pytest.fixture
def signed(db: None) -> str:
    with transaction.atomic():
        record(Event.STEP_START, Actor.worker("w1"), {}, {})
    row = seal_now()
    assert row is not None
    return row.note


def status(**options: object) -> tuple[int, str]:
    """The exit status of audit_verify, and what it says."""
    err = StringIO()
    try:
        call_command("audit_verify", stdout=StringIO(), stderr=err, **options)
    except SystemExit as ended:
        return int(str(ended.code)), err.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, err.getvalue()


@pytest.mark.parametrize("text", ["x", "a+b+c", f"{ORIGIN}+00000000+AAAA", "+++", "a+b+" + "A" * 100_000])
def test_a_key_on_the_command_line_that_is_none_gives_no_answer(signed: str, text: str) -> None:
    code, said = status(vkey=text)
    assert code == 2 and ("verifier key" in said) and len(said) < 500


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "{}", '{"checkpoint":7}', '{"checkpoint":' + "[" * 3000, "\x00", '{"checkpoint":"x\\n9"}'],
)
def test_a_damaged_line_of_the_file_of_anchors_is_told_and_the_rest_still_read(
    signed: str, line: str
) -> None:
    path = Path(settings.LEDGER_ANCHOR_FILE)
    path.write_text(f"{line}\n{path.read_text()}")
    code, said = status()
    assert code == 1 and "line 1" in said and "missing" not in said


def test_a_copy_that_is_damaged_or_holds_nothing_is_told(signed: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for content, code in (
        (signed.encode(), 0),
        (signed.encode() * 2, 1),
        (
            json.dumps({"checkpoint": signed}).encode() + b"\n" + json.dumps({"checkpoint": signed}).encode(),
            0,
        ),
        (json.dumps({"checkpoint": signed[:-10]}).encode(), 1),
        (b"\xff\xfe\x00", 2),
        (b"", 2),
    ):
        copy.write_bytes(content)
        assert status(anchor=[copy])[0] == code, content
    assert status(anchor=[tmp_path / "nowhere"])[0] == 2
    assert unverified(signed)[1].size == 1
