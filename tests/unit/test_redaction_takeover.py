"""A worker that takes over masks, and tells what it masked, as one that never died."""

import json

from hypothesis import given
from hypothesis import strategies as st

from liveupdate.engine.redactor import Known, Redactor

SECRETS = ("abcab", "cabba", "s3cret")
PIECES = st.sampled_from(
    [
        *(b"abcab", b"abc", b"ab", b"cabba", b"s3cret", b"password=", b"pass", b"word=long'er ", b"x\n"),
        *(b"-----BEGIN RSA PRIVATE KEY-----\n", b"MIIEabcab", b"-----END RSA", b" PRIVATE KEY-----\n"),
    ]
)
SAID = st.lists(PIECES, max_size=9).map(b"".join)


@given(SAID, st.integers(0, 90), st.integers(0, 90), st.integers(1, 90))
def test_whoever_goes_on_masks_and_tells_the_same(said: bytes, first: int, again: int, row: int) -> None:
    whole = Redactor(SECRETS)
    shown = whole.feed(said) + whole.flush()

    dead = Redactor(SECRETS)
    given_out = dead.feed(said[:first])
    dead.rewind()
    given_out += dead.feed(said[len(given_out) : max(first, again)])
    left = json.loads(json.dumps(dead.known.document()))

    heir = Redactor(SECRETS)
    for at in range(0, len(given_out), row):
        heir.recall(given_out[at : at + row])
    heir.resume(Known.read(left))
    rest = heir.feed(said[len(given_out) :]) + heir.flush()

    assert given_out + rest == shown
    assert heir.masked == whole.masked
