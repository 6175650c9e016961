"""The keys that have signed a log, one after the other, each with the sizes that it may speak for.

Kept as JSON lines, the oldest key first: `since` (size of the checkpoint at which the key took over, 0 for
the first), `vkey`, `handover` (that checkpoint: signed by the key and, unless the one before was lost, by
that one too) and, where a log goes on as another because signed entries were lost, `abandoned` (the last
checkpoint before). Format: docs/audit-format.md.
"""

import json
from dataclasses import asdict, dataclass
from typing import Self

from portal.audit.note import BadNote, Head, VerifierKey, unverified, verify
from portal.lib.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class LogKey:
    """One key of a log. Members as in the file."""

    since: int
    vkey: str
    handover: str = ""
    abandoned: str = ""

    @property
    def key(self) -> VerifierKey:
        """The key itself. Raises BadNote."""
        return VerifierKey.parse(self.vkey)

    @classmethod
    def read(cls, line: str) -> Self:
        """One line of the file. Raises BadNote."""
        try:
            found = cls(**json.loads(line))
            right = isinstance(found.since, int) and all(
                isinstance(each, str) for each in (found.vkey, found.handover, found.abandoned)
            )
        except (ValueError, TypeError, RecursionError) as error:
            raise BadNote(f"This is no key of a log: {line[:100]!r}.") from error
        if not right:
            raise BadNote(f"This is no key of a log: {line[:100]!r}.")
        return found


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Every key of one log, the oldest first; never empty."""

    keys: tuple[LogKey, ...]

    @classmethod
    def alone(cls, key: VerifierKey) -> Self:
        """A log whose key never changed."""
        return cls((LogKey(0, str(key)),))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the file and check every hand-over. Raises BadNote."""
        found = cls(tuple(LogKey.read(line) for line in text.splitlines()))
        for one in found.keys:
            VerifierKey.parse(one.vkey)
        if not found.keys or found.keys[0].since != 0:
            raise BadNote("The list of the log's keys has no beginning.")
        for before, after in zip(found.keys, found.keys[1:], strict=False):
            if after.since < before.since or verify(after.handover, after.key).size != after.since:
                raise BadNote(f"The hand-over to the key {after.vkey} is not at {after.since} entries.")
        return found

    @property
    def newest(self) -> VerifierKey:
        """The key that signs now."""
        return self.keys[-1].key

    def unvouched(self) -> list[LogKey]:
        """Keys that the one before did not sign for: it was lost, and people vouched."""
        pairs = zip(self.keys, self.keys[1:], strict=False)
        return [after for before, after in pairs if not _vouches(before, after)]

    def trusting(self, key: VerifierKey) -> Self:
        """The same keys for somebody who trusts `key` alone. Raises BadNote where it says nothing of them."""
        place = next((at for at, each in enumerate(self.keys) if each.vkey == str(key)), None)
        if place is None:
            raise BadNote(f"The log was never signed by {key}.")
        for before, after in zip(self.keys[place:], self.keys[place + 1 :], strict=False):
            if not _vouches(before, after):
                raise BadNote(f"The key {before.vkey} did not hand over to {after.vkey}.")
        return self

    def verify(self, note: str) -> Head:
        """What a checkpoint says, signed by a key that may speak for its size. Raises BadNote."""
        origin, head = unverified(note)
        first = BadNote(f"The checkpoint is of the log {origin!r}, not of {self.newest.origin!r}.")
        for at in range(len(self.keys) - 1, -1, -1):
            one = self.keys[at]
            until = self.keys[at + 1].since if at + 1 < len(self.keys) else None
            if one.key.origin != origin or head.size < one.since:
                continue
            try:
                verify(note, one.key)
            except BadNote as error:
                first = error
                continue
            if until is None or head.size <= until or self._was_abandoned(at, head):
                return head
            first = BadNote(
                f"The checkpoint at {head.size} entries is signed by {one.vkey}, which spoke up to {until}."
            )
        raise first

    def is_abandoned(self, note: str) -> bool:
        """Whether a good checkpoint is of entries that were given up when the log went on as another."""
        origin, head = unverified(note)
        return any(
            one.key.origin == origin and head.size > after.since and self._was_abandoned(at, head)
            for at, (one, after) in enumerate(zip(self.keys, self.keys[1:], strict=False))
        )

    def _was_abandoned(self, at: int, head: Head) -> bool:
        after = self.keys[at + 1]
        return bool(after.abandoned) and head.size <= unverified(after.abandoned)[1].size

    def with_key(self, key: LogKey) -> Self:
        """The keys with one more."""
        return type(self)((*self.keys, key))

    def text(self) -> str:
        """The file's content."""
        return "".join(canonical_json(asdict(key)).decode() + "\n" for key in self.keys)


def _vouches(before: LogKey, after: LogKey) -> bool:
    try:
        verify(after.handover, VerifierKey(after.key.origin, before.key.public))
    except BadNote:
        return False
    return True
