"""Redaction: no secret and no disguise of one gets through, however the stream is cut."""

import base64
import itertools
import json
import shlex
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.lib.redaction import MARK, StreamRedactor, forms, redact

SECRET = "s3cr et'Pass$wörd+/"


def cut(text: bytes, places: list[int], secrets: list[str]) -> bytes:
    redactor = StreamRedactor(secrets)
    edges = sorted({min(place, len(text)) for place in places} | {0, len(text)})
    pieces = [text[start:stop] for start, stop in itertools.pairwise(edges)]
    return b"".join(map(redactor.feed, pieces)) + redactor.flush()


@pytest.mark.threat("T9")
@pytest.mark.asvs("16.2.5")
@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        shlex.quote(SECRET),
        json.dumps(SECRET),
        quote(SECRET),
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
        base64.b64encode(f"root:{SECRET}".encode()).decode(),
        base64.b64encode(f"ab{SECRET}xyz".encode()).decode(),
        base64.urlsafe_b64encode(f"a{SECRET}".encode()).decode(),
    ],
)
def test_every_disguise_is_cut(shown: str) -> None:
    clean = redact(f"before {shown} after\n".encode(), [SECRET])
    assert MARK in clean
    assert clean.startswith(b"before ")
    assert clean.endswith(b" after\n")
    assert len(clean) < len(MARK) + len("before  after\n") + 14
    assert not any(form in clean for form in forms(SECRET))


def test_a_secret_typed_twice_in_a_row_is_one_mark() -> None:
    assert redact(b"[abcabc]", ["abc"]) == b"[" + MARK + b"]"


def test_overlapping_secrets_leave_no_remainder() -> None:
    assert redact(b"-abcde-", ["abc", "cde"]) == b"-" + MARK + b"-"


def test_a_beginning_that_comes_to_nothing_is_given_back() -> None:
    redactor = StreamRedactor(["secret"])
    assert redactor.feed(b"a sec") == b"a "
    assert redactor.feed(b"ond") == b"second"
    assert redactor.feed(b" secr") == b" "
    assert redactor.flush() == b"secr"
    assert redactor.count == 0


def test_without_secrets_everything_passes() -> None:
    assert redact(b"anything", []) == b"anything"
    assert redact(b"anything", [""]) == b"anything"


small = st.text("abc'", min_size=1, max_size=5)


@given(
    secrets=st.lists(small, min_size=1, max_size=3),
    text=st.text("abc'\\ -", max_size=60),
    places=st.lists(st.integers(0, 60), max_size=20),
)
def test_cutting_changes_nothing(secrets: list[str], text: str, places: list[int]) -> None:
    assert cut(text.encode(), places, secrets) == redact(text.encode(), secrets)


@pytest.mark.threat("T9")
@pytest.mark.asvs("16.2.5")
@example(secret="x ", around=("x", " "), places=[])
@given(
    secret=st.text(min_size=1, max_size=12).filter(lambda s: "[redacted]".find(s) < 0),
    around=st.tuples(st.text("xyz ", max_size=8), st.text("xyz ", max_size=8)),
    places=st.lists(st.integers(0, 60), max_size=20),
)
def test_no_secret_gets_through(secret: str, around: tuple[str, str], places: list[int]) -> None:
    try:
        secret.encode()
    except UnicodeEncodeError:
        return
    for form in forms(secret):
        text = around[0].encode() + form + around[1].encode()
        kept = cut(text, places, [secret]).split(MARK)
        assert [piece for piece in kept if form in piece] == []
        assert sum(map(len, kept)) <= len(text) - len(form)


@given(text=st.binary(max_size=200), places=st.lists(st.integers(0, 200), max_size=20))
def test_bytes_without_a_secret_pass_unaltered(text: bytes, places: list[int]) -> None:
    secret = "Zq9!long-secret"
    if any(form in text for form in forms(secret)):
        return
    assert cut(text, places, [secret]) == text


@given(
    secrets=st.lists(small, min_size=1, max_size=3),
    text=st.text("abc'\\ -", max_size=60),
    places=st.lists(st.integers(0, 60), max_size=20),
)
def test_the_length_can_be_kept(secrets: list[str], text: str, places: list[int]) -> None:
    redactor = StreamRedactor(secrets, keep_length=True)
    edges = sorted({min(place, len(text)) for place in places} | {0, len(text)})
    pieces = [text.encode()[start:stop] for start, stop in itertools.pairwise(edges)]
    clean = b"".join(map(redactor.feed, pieces)) + redactor.flush()
    assert len(clean) == len(text)
    assert all(new in (old, ord("*")) for new, old in zip(clean, text.encode(), strict=True))
    assert not any(form in clean for secret in secrets for form in forms(secret))
