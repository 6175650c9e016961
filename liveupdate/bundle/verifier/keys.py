"""The keys that have signed a log, one after the other: each speaks for some sizes of it alone."""

from __future__ import annotations

from typing import Any, NamedTuple

from liveupdate.bundle.verifier.checkpoint import (
    BadCheckpoint,
    LogKey,
    SignedHead,
    log_key,
    named,
    signed_head,
)


class KeySpan(NamedTuple):
    """A key with the sizes that it may sign: from `since` up to `until` (None: it signs still).

    `given_up` is the last size of a log that went on as another; above `until` nothing of it is left.
    """

    since: int
    until: int | None
    given_up: int
    key: LogKey


def key_spans(listed: list[Any], trusted: str) -> list[KeySpan]:
    """Read the lines of keys.jsonl; with `trusted` nothing counts but what that key vouches for.

    Raises BadCheckpoint.
    """
    try:
        keys = [log_key(each["vkey"]) for each in listed]
        sizes = [int(each["since"]) for each in listed]
        handovers = [str(each["handover"]) for each in listed]
        given_up = [str(each["abandoned"]) for each in listed]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadCheckpoint(f"keys.jsonl is not a list of keys ({type(error).__name__}: {error}).") from error
    if not keys or sizes[0] != 0:
        raise BadCheckpoint("keys.jsonl has no beginning.")
    for at in range(1, len(keys)):
        if sizes[at] < sizes[at - 1] or signed_head(handovers[at], keys[at]).size != sizes[at]:
            raise BadCheckpoint(f"The hand-over to the key {keys[at].name.hex()} is not at its place.")
    if trusted:
        _check_trust(keys, handovers, log_key(trusted))
    spans = []
    for at, key in enumerate(keys):
        last = at + 1 == len(keys)
        after = "" if last else given_up[at + 1]
        until = None if last else sizes[at + 1]
        spans.append(KeySpan(sizes[at], until, signed_head(after, key).size if after else 0, key))
    return spans


def head_by(spans: list[KeySpan], note: str) -> SignedHead:
    """What a checkpoint says, signed by a key that may speak for its size. Raises BadCheckpoint."""
    first = None
    for span in reversed(spans):
        try:
            head = signed_head(note, span.key)
        except BadCheckpoint as error:
            first = first or error
            continue
        if head.size >= span.since and (span.until is None or head.size <= max(span.until, span.given_up)):
            return head
        first = BadCheckpoint(f"The key {span.key.name.hex()} does not speak for {head.size} entries.")
    assert first is not None
    raise first


def is_given_up(spans: list[KeySpan], note: str, head: SignedHead) -> bool:
    """Whether a good checkpoint is of entries that people gave up when the log went on as another."""
    own = [span for span in spans if span.key.origin == note.partition("\n")[0]]
    return all(span.until is not None and span.until < head.size for span in own)


def _check_trust(keys: list[LogKey], handovers: list[str], trusted: LogKey) -> None:
    """Raise BadCheckpoint unless the trusted key is one of these, and each from it on handed over."""
    if trusted not in keys:
        raise BadCheckpoint(f"The log was never signed by the key {trusted.name.hex()}.")
    for at in range(keys.index(trusted) + 1, len(keys)):
        before = named(keys[at].origin, keys[at - 1].public)
        signed_head(handovers[at], before)
