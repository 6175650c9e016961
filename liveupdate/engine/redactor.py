"""Masks secrets in one stream of a run: those that the run knows, and those that their place gives away."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.crypto import salted_hmac

from portal.lib.redaction import StreamRedactor
from portal.lib.redaction_patterns import PatternMask

TAG_SALT = "liveupdate.engine.redactor"


def tag_of(secret: str) -> str:
    """What the record says of a secret: 12 hex digits of its HMAC under a key that only the portal has.

    Who holds the key can tell whether it was this secret, or the same as elsewhere; nobody can guess it.
    """
    return salted_hmac(TAG_SALT, secret, algorithm="sha256").hexdigest()[:12]


class Known(NamedTuple):
    """What masked bytes do not tell who goes on behind them: whose they were, and how many more follow."""

    tags: tuple[str, ...] = ()
    covered: int = 0

    def document(self) -> dict[str, Any]:
        """As JSON; empty where there is nothing to tell."""
        return {"tags": list(self.tags), "covered": self.covered} if self.tags else {}

    @classmethod
    def read(cls, document: dict[str, Any]) -> "Known":
        """What `document` gave."""
        return cls(tuple(document["tags"]), document["covered"]) if document else NOTHING


NOTHING = Known()


class Redactor:
    """Masks at the same length, so that an offset is the target's."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = secrets
        self._tags: set[str] = set()
        self._known = StreamRedactor(secrets, keep_length=True)
        self._patterns = PatternMask()

    def feed(self, piece: bytes) -> bytes:
        """The bytes that are decided by now."""
        return self._patterns.feed(self._known.feed(piece))

    def flush(self) -> bytes:
        """What was held back, at the end of the stream."""
        return self._patterns.feed(self._known.flush()) + self._patterns.flush()

    def recall(self, masked: bytes) -> None:
        """Go again over the next bytes that an earlier worker gave out; `resume` ends this."""
        self._patterns.feed(masked)

    def rewind(self) -> None:
        """Forget what was not given out: it will be read again."""
        self.resume(self.known)

    def resume(self, known: Known) -> None:
        """Go on behind what was given out by somebody who knew this."""
        self._tags |= set(known.tags)
        self._known = StreamRedactor(self._secrets, keep_length=True, covered=known.covered)
        self._patterns = self._patterns.rewound()

    @property
    def known(self) -> Known:
        """What somebody who goes on behind what was given out needs besides it."""
        return Known(tuple(sorted(self._all_tags)), self._known.covered)

    @property
    def _all_tags(self) -> set[str]:
        return self._tags | {tag_of(secret) for secret in self._known.found}

    @property
    def masked(self) -> list[dict[str, str]]:
        """What was masked up to now: rules, and tags of known secrets."""
        known = [{"rule": "known", "tag": tag} for tag in self._all_tags]
        told = [{"rule": rule} for rule in self._patterns.rules]
        return sorted(known + told, key=lambda each: (each["rule"], each.get("tag", "")))
