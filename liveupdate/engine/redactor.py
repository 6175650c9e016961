"""Masks secrets in one stream of a run: those that the run knows, and those that their place gives away."""

from collections.abc import Sequence

from django.utils.crypto import salted_hmac

from portal.lib.redaction import StreamRedactor
from portal.lib.redaction_patterns import PatternMask

TAG_SALT = "liveupdate.engine.redactor"


def tag_of(secret: str) -> str:
    """What the record says of a secret: 12 hex digits of its HMAC under a key that only the portal has.

    Who holds the key can tell whether it was this secret, or the same as elsewhere; nobody can guess it.
    """
    return salted_hmac(TAG_SALT, secret, algorithm="sha256").hexdigest()[:12]


class Redactor:
    """Masks at the same length, so that an offset is the target's."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = secrets
        self._found: set[str] = set()
        self._known = StreamRedactor(secrets, keep_length=True)
        self._patterns = PatternMask()

    def feed(self, piece: bytes) -> bytes:
        """The bytes that are decided by now."""
        return self._patterns.feed(self._known.feed(piece))

    def flush(self) -> bytes:
        """What was held back, at the end of the stream."""
        return self._patterns.feed(self._known.flush()) + self._patterns.flush()

    def recall(self, masked: bytes) -> None:
        """Take up what an earlier worker gave out."""
        self._patterns.recall(masked)

    def rewind(self) -> None:
        """Forget what was not given out: it will be read again."""
        self._found |= self._known.found
        self._known = StreamRedactor(self._secrets, keep_length=True)
        self._patterns = self._patterns.rewound()

    @property
    def masked(self) -> list[dict[str, str]]:
        """What was masked up to now: rules, and tags of known secrets."""
        known = [{"rule": "known", "tag": tag_of(secret)} for secret in self._found | self._known.found]
        told = [{"rule": rule} for rule in self._patterns.rules]
        return sorted(known + told, key=lambda each: (each["rule"], each.get("tag", "")))
