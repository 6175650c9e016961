"""Secrets that nobody knew of, told by what stands before them: masked at the same length, in a stream."""

import re
from collections.abc import Collection
from typing import NamedTuple

LINE_END = re.compile(rb"[\r\n]")
VALUE_END = re.compile(rb"[\s;&,]")
QUOTED_END = {mark: re.compile(mark + rb"|[\r\n]") for mark in (b'"', b"'")}
_KEY_END_TEXT = b"-----END"
KEY_END = re.compile(_KEY_END_TEXT)
KEY_KINDS = (b"", b"RSA ", b"DSA ", b"EC ", b"OPENSSH ", b"ENCRYPTED ")


class Rule(NamedTuple):
    """What follows `before` (in any case of letters) is secret until `end`; `name` is for the record."""

    name: str
    before: bytes
    end: re.Pattern[bytes]


RULES = (
    *(Rule("password", word + b"=", VALUE_END) for word in (b"password", b"passwd", b"passphrase")),
    Rule("authorization", b"authorization:", LINE_END),
    *(
        Rule("private_key", b"-----begin " + kind.lower() + b"private key-----", KEY_END)
        for kind in KEY_KINDS
    ),
)
_BEFORE = re.compile(b"|".join(re.escape(rule.before) for rule in RULES), re.IGNORECASE)
_RULE_OF = {rule.before: rule for rule in RULES}


class PatternMask:
    """Masks by `RULES`, however the stream is cut; what may be the beginning of one is held back."""

    def __init__(self) -> None:
        self._held = b""
        self._end: re.Pattern[bytes] | None = None
        self._at_begin = False
        self.rules: set[str] = set()

    def feed(self, piece: bytes) -> bytes:
        """The bytes that are decided by now."""
        data, self._held = self._held + piece, b""
        out, at = bytearray(), 0
        while at < len(data):
            at = self._mask(data, at, out) if self._end else self._pass(data, at, out)
        return bytes(out)

    def flush(self) -> bytes:
        """What was held back, at the end of the stream."""
        held, self._held = self._held, b""
        return _starred(held) if self._end else held

    def rewound(self) -> "PatternMask":
        """The same at the place up to which it has given out, without what it held back."""
        again = PatternMask()
        again._end, again._at_begin, again.rules = self._end, self._at_begin, self.rules
        return again

    def _pass(self, data: bytes, at: int, out: bytearray) -> int:
        found = _BEFORE.search(data, at)
        if found:
            rule = _RULE_OF[found[0].lower()]
            out += data[at : found.end()]
            self._end, self._at_begin = rule.end, rule.end is VALUE_END
            self.rules.add(rule.name)
            return found.end()
        undecided = _tail_of(data, at, _RULE_OF)
        out += data[at:undecided]
        self._held = data[undecided:]
        return len(data)

    def _mask(self, data: bytes, at: int, out: bytearray) -> int:
        assert self._end is not None
        if self._at_begin:
            self._at_begin = False
            if quoted := QUOTED_END.get(data[at : at + 1]):
                self._end = quoted
                out += data[at : at + 1]
                return at + 1
        found = self._end.search(data, at)
        if found:
            out += _starred(data[at : found.start()])
            self._end = None
            return found.start()
        undecided = _tail_of(data, at, (_KEY_END_TEXT.lower(),)) if self._end is KEY_END else len(data)
        out += _starred(data[at:undecided])
        self._held = data[undecided:]
        return len(data)


def _starred(secret: bytes) -> bytes:
    """As many asterisks; line breaks stay, so that lines are counted as on the target."""
    return re.sub(rb"[^\r\n]", b"*", secret)


def _tail_of(data: bytes, at: int, texts: Collection[bytes]) -> int:
    """Where the longest end of the data begins that may be the beginning of one of these texts."""
    low = data.lower()
    for start in range(max(at, len(data) - max(map(len, texts)) + 1), len(data)):
        if any(text.startswith(low[start:]) for text in texts):
            return start
    return len(data)
