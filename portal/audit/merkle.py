"""The Merkle tree of RFC 6962, section 2.1, with SHA-256: hashes, roots, proofs, their checks. Pure.

Proofs are computed over a `Subtree` reader, so that the same code serves a list in memory and the
tiles in the database.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()

Subtree = Callable[[int, int], bytes]
"""`subtree(level, index)`: hash of the complete subtree of `1 << level` leaves from `index << level` on."""


def leaf_hash(content: bytes) -> bytes:
    """Hash of an entry's bytes as a leaf."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree that keeps only what it needs to go on: one hash per set bit of its size."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """Raises ValueError when the number of hashes does not fit the size."""
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            raise ValueError(f"A tree of {size} leaves needs {size.bit_count()} hashes.")

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        size, hashes, carried = self.size, self.hashes, leaf
        while size & 1:
            carried = sha256(b"\x01" + hashes.pop() + carried).digest()
            size >>= 1
        hashes.append(carried)
        self.size += 1

    def root(self) -> bytes:
        """The tree's root now."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Root over leaf hashes."""
    return frontier_of(leaves).root()


def frontier_of(leaves: Iterable[bytes]) -> Frontier:
    """The frontier over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier


def complete_root(leaves: Sequence[bytes]) -> bytes:
    """Root over a power of two of leaf hashes, quickly. Raises ValueError for another number."""
    if not leaves or len(leaves) & (len(leaves) - 1):
        raise ValueError(f"{len(leaves)} is no power of two.")
    while len(leaves) > 1:
        pairs = iter(leaves)
        leaves = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return leaves[0]


def frontier_at(size: int, subtree: Subtree) -> Frontier:
    """The frontier of the first `size` leaves."""
    hashes, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            hashes.append(subtree(level, start >> level))
            start += 1 << level
    return Frontier(size, hashes)


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """RFC 6962 2.1.1: the audit path of leaf `index` in the tree of `size`. Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"Entry {index} is not in a tree of {size} entries.")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_root(middle, high, subtree))
            high = middle
        else:
            path.append(_range_root(low, middle, subtree))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """RFC 6962 2.1.2: that the tree of `new` extends the tree of `old`. Raises ValueError."""
    if not 0 < old <= new:
        raise ValueError(f"There is no consistency proof from {old} to {new} entries.")
    path, low, high, whole = [], 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range_root(middle, high, subtree))
            high = middle
        else:
            path.append(_range_root(low, middle, subtree))
            low, whole = middle, False
    if not whole:
        path.append(_range_root(low, high, subtree))
    return path[::-1]


def root_around(size: int, first: int, leaves: Sequence[bytes], subtree: Subtree) -> bytes:
    """Root of the tree of `size` whose leaves from `first` on are `leaves`, and the others as stored."""
    end = first + len(leaves)

    def over(low: int, high: int) -> bytes:
        if high <= first or low >= end:
            return _range_root(low, high, subtree)
        if first <= low and high <= end:
            return root_of(leaves[low - first : high - first])
        middle = low + _split(high - low)
        return node_hash(over(low, middle), over(middle, high))

    return over(0, size)


def inclusion_holds(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162 2.1.3.2: whether `proof` shows `leaf` at `index` under `root`."""
    if not 0 <= index < size:
        return False
    position, last, carried = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            carried = node_hash(sibling, carried)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            carried = node_hash(carried, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and carried == root


def _split(width: int) -> int:
    """The largest power of two smaller than `width` (> 1)."""
    return 1 << (width - 1).bit_length() - 1


def _range_root(low: int, high: int, subtree: Subtree) -> bytes:
    width = high - low
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return subtree(level, low >> level)
    middle = low + _split(width)
    return node_hash(_range_root(low, middle, subtree), _range_root(middle, high, subtree))
