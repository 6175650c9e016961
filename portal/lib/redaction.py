"""Secrets never reach storage: known secrets are cut out of output before it is kept or hashed.

Besides the secret itself its usual disguises are cut: shell-quoted, backslash-escaped, JSON, URL-encoded,
hexadecimal, and base64 at any alignment. A secret may arrive in pieces; bytes that could be its beginning
are held back until the next piece decides.
"""

import base64
import json
import shlex
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MARK = b"[redacted]"
_SHORTEST_DISGUISE = 6


def forms(secret: str) -> frozenset[bytes]:
    """The byte sequences under which a secret may show. Empty for an empty secret."""
    if not secret:
        return frozenset()
    raw = secret.encode()
    texts = {
        shlex.quote(secret).removeprefix("'").removesuffix("'"),
        "".join(c if c.isalnum() or c in "_-./:@%+=," else f"\\{c}" for c in secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        raw.hex(),
        raw.hex().upper(),
    }
    disguises = {text.encode() for text in texts}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        disguises.update(_inside_base64(raw, encode(b"\x00" * lead + raw), lead) for lead in range(3))
    return frozenset({raw} | {form for form in disguises if len(form) >= _SHORTEST_DISGUISE})


def _inside_base64(raw: bytes, encoded: bytes, lead: int) -> bytes:
    """The characters that depend on the secret alone, whatever surrounds it."""
    first = -(-lead * 8 // 6)
    last = (lead + len(raw)) * 8 // 6
    return encoded[first:last]


class StreamRedactor:
    """Replaces every run of secret bytes in a stream by `[redacted]`, however the stream is cut.

        clean = redactor.feed(piece)   # for each piece
        clean = redactor.flush()       # once, at the end

    The joined result is the same for every way of cutting. Overlapping and touching secrets give one mark.
    With `keep_length` each secret byte becomes `*` instead, so that byte offsets stay those of the source.
    `found` are the secrets that showed; `covered` is how many of the bytes that follow what was given out
    are the rest of one.
    """

    def __init__(self, secrets: Iterable[str], *, keep_length: bool = False, covered: int = 0) -> None:
        self._keep_length = keep_length
        self._secret_of = {form: secret for secret in secrets for form in forms(secret)}
        self._forms = sorted(self._secret_of)
        self.found: set[str] = set()
        self._held = b""
        self.covered = covered
        self._in_run = False
        self.count = 0

    def feed(self, piece: bytes) -> bytes:
        """The bytes that are decided by now, without secrets."""
        if not self._forms:
            return piece
        data = self._held + piece
        return self._emit(data, self._undecided_from(data))

    def flush(self) -> bytes:
        """What was held back, at the end of the stream."""
        return self._emit(self._held, len(self._held))

    def _emit(self, data: bytes, end: int) -> bytes:
        """Give out what data[:end] shows; hold the rest, and know how much of it is secret already."""
        out: list[bytes] = []
        position = 0
        beyond = max(0, self.covered - end)
        for start, stop in self._runs(data):
            if start >= end:
                break
            if start > position:
                out.append(data[position:start])
                self._in_run = False
            out.append(self._mark(min(stop, end) - max(start, position)))
            position = min(stop, end)
            beyond = max(0, stop - end)
        if position < end:
            out.append(data[position:end])
            self._in_run = False
        self._held = data[end:]
        self.covered = beyond
        return b"".join(out)

    def _mark(self, length: int) -> bytes:
        """What stands for the next `length` bytes of a run of secrets."""
        begins, self._in_run = not self._in_run, True
        self.count += begins
        if self._keep_length:
            return b"*" * length
        return MARK if begins else b""

    def _runs(self, data: bytes) -> list[tuple[int, int]]:
        """Where secrets lie in the data, in order; overlapping and touching ones are one run."""
        found = [(0, self.covered)] if self.covered else []
        for form in self._forms:
            at = data.find(form)
            while at >= 0:
                self.found.add(self._secret_of[form])
                found.append((at, at + len(form)))
                at = data.find(form, at + 1)
        merged: list[tuple[int, int]] = []
        for start, stop in sorted(found):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
            else:
                merged.append((start, stop))
        return merged

    def _undecided_from(self, data: bytes) -> int:
        """Where the longest end of the data begins that may be the beginning of a secret."""
        undecided = len(data)
        for form in self._forms:
            at = data.find(form[:1], max(0, len(data) - len(form) + 1))
            while 0 <= at < undecided:
                if form.startswith(data[at:]):
                    undecided = at
                at = data.find(form[:1], at + 1)
        return undecided


def redact(text: bytes, secrets: Iterable[str]) -> bytes:
    """A whole text without secrets."""
    redactor = StreamRedactor(secrets)
    return redactor.feed(text) + redactor.flush()
