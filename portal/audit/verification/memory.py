"""What the signer remembers of every entry that it signed."""

from functools import cached_property

from portal.audit.merkle import EMPTY_ROOT
from portal.audit.verification.growth import Growth


class Memory:
    """The signer's leaf hashes, 32 bytes each, and the root that it signed last."""

    def __init__(self, leaves: bytes = b"", root: bytes = EMPTY_ROOT) -> None:
        self._leaves = leaves
        self._root = root

    def of(self, start: int, end: int) -> bytes:
        """The leaf hashes from `start` to before `end`, one after the other; none above the last signed."""
        return self._leaves[32 * start : 32 * end] if start >= 0 else b""

    @cached_property
    def intact(self) -> bool:
        """Whether the list gives the signed root: asked only where an entry differs from it."""
        tree = Growth(())
        tree.extend([self._leaves[at : at + 32] for at in range(0, len(self._leaves), 32)])
        return tree.root() == self._root
