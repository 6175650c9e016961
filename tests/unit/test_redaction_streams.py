"""Secrets at every offset around a chunk's border in every disguise; and those that their place tells."""

import base64
import itertools
import shlex
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.chunks import CHUNK_LIMIT
from portal.lib.redaction import StreamRedactor
from portal.lib.redaction_patterns import PatternMask

SECRET = "hunter2'Pass$wörd+/x"
DISGUISES = {
    "plain": SECRET.encode(),
    "shell-quoted": shlex.quote(SECRET).encode()[1:-1],
    "base64": base64.b64encode(SECRET.encode()),
    "URL": quote(SECRET, safe="").encode(),
    "hex": SECRET.encode().hex().encode(),
    "HEX": SECRET.encode().hex().upper().encode(),
}


@pytest.mark.threat("T9")
@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_secret_survives_at_any_offset_around_a_chunks_border(disguise: str) -> None:
    shown = DISGUISES[disguise]
    for before in range(CHUNK_LIMIT - len(shown) - 1, CHUNK_LIMIT + 2):
        stream = b"." * before + shown + b"." * 9
        redactor = StreamRedactor([SECRET], keep_length=True)
        clean = redactor.feed(stream[:CHUNK_LIMIT]) + redactor.feed(stream[CHUNK_LIMIT:]) + redactor.flush()
        assert len(clean) == len(stream)
        assert set(clean) == set(b".*"), (disguise, before)
        assert clean.count(b"*") >= len(shown) - 1


@pytest.mark.threat("T9")
@pytest.mark.parametrize(
    ("said", "shown", "rule"),
    [
        (b"user=a password=s3cret next", b"user=a password=****** next", "password"),
        (b"PASSWD='a b' x", b"PASSWD='***' x", "password"),
        (b'passphrase="a b;c";d', b'passphrase="*****";d', "password"),
        (b"url?password=abc&x=1", b"url?password=***&x=1", "password"),
        (b"Authorization: Basic Zm9v\nHost: a", b"Authorization:***********\nHost: a", "authorization"),
        (
            b"-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----\nafter",
            b"-----BEGIN RSA PRIVATE KEY-----\n****\n****\n-----END RSA PRIVATE KEY-----\nafter",
            "private_key",
        ),
        (
            b"a certificate\n-----BEGIN CERTIFICATE-----\nMIIE\n",
            b"a certificate\n-----BEGIN CERTIFICATE-----\nMIIE\n",
            "",
        ),
        (b"Enter HMC password: ", b"Enter HMC password: ", ""),
    ],
)
def test_what_stands_behind_these_words_is_masked_however_it_is_cut(
    said: bytes, shown: bytes, rule: str
) -> None:
    for first, second in itertools.combinations(range(len(said) + 1), 2):
        mask = PatternMask()
        pieces = (said[:first], said[first:second], said[second:])
        assert b"".join(map(mask.feed, pieces)) + mask.flush() == shown
        assert mask.rules == ({rule} if rule else set())


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_a_mask_keeps_every_offset(said: bytes, places: list[int]) -> None:
    edges = sorted({min(place, len(said)) for place in places} | {0, len(said)})
    mask = PatternMask()
    pieces = [said[start:stop] for start, stop in itertools.pairwise(edges)]
    assert len(b"".join(map(mask.feed, pieces)) + mask.flush()) == len(said)


@pytest.mark.parametrize("at", range(1, 30))
def test_a_reader_that_comes_back_goes_on_masking(at: int) -> None:
    said, shown = b"x password=longlonglong y\n", b"x password=************ y\n"
    at = min(at, len(said))
    before = PatternMask()
    given_out = before.feed(said[:at])
    again = before.rewound()
    assert given_out + again.feed(said[len(given_out) :]) + again.flush() == shown
    other = PatternMask()
    other.feed(given_out)
    other = other.rewound()
    assert given_out + other.feed(said[len(given_out) :]) + other.flush() == shown
