"""Secrets never leave the redactor, however the bytes are cut; everything else does, at its place."""

import base64
import itertools
import random
from urllib.parse import quote

import pytest

from portal.lib.redaction import Redactor

SECRET = "kanari'vogel;7"


def redact(text: bytes, cuts: list[int], *secrets: str) -> bytes:
    redactor = Redactor(secrets)
    places = [0, *sorted(cuts), len(text)]
    pieces = [redactor.feed(text[a:b]) for a, b in itertools.pairwise(places)]
    return b"".join(pieces) + redactor.close()


@pytest.mark.parametrize(
    "form",
    [
        SECRET.encode(),
        base64.b64encode(SECRET.encode()),
        quote(SECRET, safe="").encode(),
        b"'kanari'\"'\"'vogel;7'",
    ],
)
def test_every_form_is_masked_at_every_cut_and_the_length_stays(form: bytes) -> None:
    text = b"before " + form + b" after"
    for cut in range(len(text) + 1):
        clean = redact(text, [cut], SECRET)
        assert form not in clean
        assert len(clean) == len(text)
        assert clean.startswith(b"before ") and clean.endswith(b" after")


def test_without_secrets_bytes_pass_at_once() -> None:
    redactor = Redactor(())
    assert redactor.feed(b"\x00\xffkan") == b"\x00\xffkan"


def test_what_cannot_become_a_secret_is_not_held_back() -> None:
    redactor = Redactor((SECRET,))
    assert redactor.feed(b"Blackout Time started.\n") == b"Blackout Time started.\n"
    assert redactor.feed(b"kan") == b""
    assert redactor.feed(b"ON\n") == b"kanON\n"


def test_reset_forgets_what_is_read_again() -> None:
    redactor = Redactor((SECRET,))
    assert redactor.feed(b"ab kan") == b"ab "
    redactor.reset()
    assert redactor.feed(b"kanON\n") == b"kanON\n"


def test_random_text_is_untouched_and_random_secrets_vanish() -> None:
    dice = random.Random(7)
    for _ in range(100):
        noise = bytes(dice.choice(b"abk\n") for _ in range(60))
        text = noise[:30] + b"abkabkba" + noise[30:]
        cuts = [dice.randrange(len(text)) for _ in range(5)]
        clean = redact(text, cuts, "abkabkba")
        assert len(clean) == len(text)
        assert b"abkabkba" not in clean
        assert redact(noise, cuts[:1], "zzzz") == noise
