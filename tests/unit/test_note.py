"""Checkpoints as signed notes: what is signed is what is read, by us and by others."""

import metamorphic_log
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.note import BadNote, Head, VerifierKey, sign, verify

ORIGIN = "portal.example/lu-ledger/v1"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFIER = VerifierKey(ORIGIN, KEY.public_key())
HEAD = Head(1234, bytes(range(32)))
NOTE = sign(HEAD, ORIGIN, KEY)

FOREIGN_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
"""The example key of Go's golang.org/x/mod/sumdb/note."""


def test_a_checkpoint_is_read_back_by_us_and_by_another_verifier() -> None:
    assert verify(NOTE, VERIFIER) == HEAD
    head = metamorphic_log.checkpoint_verify(NOTE, [str(VERIFIER)])
    assert (head.origin, head.size, head.root) == (ORIGIN, HEAD.size, HEAD.root)


def test_the_text_is_the_documented_one() -> None:
    assert NOTE.split("\n")[:4] == [ORIGIN, "1234", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", ""]
    assert NOTE.split("\n")[4].startswith(f"— {ORIGIN} ")
    assert sign(HEAD, ORIGIN, KEY) == NOTE


def test_verifier_keys_are_those_of_other_tools() -> None:
    key = VerifierKey.parse(FOREIGN_VKEY)
    assert (key.origin, key.id.hex(), str(key)) == ("PeterNeumann", "c74f20a3", FOREIGN_VKEY)
    assert str(VerifierKey.parse(str(VERIFIER) + "\n")) == str(VERIFIER)


def test_signatures_of_others_beside_ours_are_passed_over() -> None:
    other = sign(HEAD, "witness.example/w", Ed25519PrivateKey.generate()).splitlines()[-1]
    assert verify(f"{NOTE}{other}\n", VERIFIER) == HEAD


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_no_altered_byte_passes(position: int, flip: int) -> None:
    raw = bytearray(NOTE.encode())
    raw[position] ^= flip
    text = raw.decode(errors="replace")
    try:
        assert verify(text, VERIFIER) == HEAD
        assert text.split("\n\n")[0] == NOTE.split("\n\n")[0]
    except BadNote:
        pass


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n\n", "x", f"{ORIGIN}\n", f"{ORIGIN}\nmany\nAAAA\n\n", f"{ORIGIN}\n-1\n\n\n"),
        *(NOTE[:-20], NOTE.split("— ")[0]),
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        verify(text, VERIFIER)


def test_another_key_or_another_log_is_refused() -> None:
    with pytest.raises(BadNote, match="not signed by"):
        verify(NOTE, VerifierKey(ORIGIN, Ed25519PrivateKey.generate().public_key()))
    with pytest.raises(BadNote, match="of the log"):
        verify(NOTE, VerifierKey("other.example/log", KEY.public_key()))
    other = sign(Head(99, HEAD.root), ORIGIN, KEY).splitlines()[-1]
    with pytest.raises(BadNote, match="is wrong"):
        verify(NOTE.split("— ")[0] + other + "\n", VERIFIER)


@pytest.mark.parametrize(
    "text", ["", "a+b", f"{ORIGIN}+00000000+AAAA", str(VERIFIER)[:-8], "x" + str(VERIFIER)]
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey.parse(text)
