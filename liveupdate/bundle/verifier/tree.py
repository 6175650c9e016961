"""The Merkle tree of RFC 6962 from some of its leaves and the hashes of what lies between them."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Sequence

from portal.audit.extension import node_of


class BadTree(Exception):
    """Leaves and hashes do not make a tree."""


def leaf_of(content: bytes) -> bytes:
    """An entry's leaf hash."""
    return hashlib.sha256(b"\0" + content).digest()


def split_of(width: int) -> int:
    """The largest power of two smaller than the width (> 1): where RFC 6962 splits a tree."""
    return 1 << (width - 1).bit_length() - 1


def root_from(size: int, places: Sequence[int], leaves: Sequence[bytes], between: Sequence[bytes]) -> bytes:
    """The root of a tree of `size` from the leaves at some ascending places.

    `between` are the hashes of the largest parts without any of these leaves, from left to right.
    Raises BadTree where something is missing or left over.
    """
    if list(places) != sorted(set(places)) or len(places) != len(leaves):
        raise BadTree("The entries are not in ascending order, each once.")
    if places and not 0 <= places[0] <= places[-1] < size:
        raise BadTree(f"An entry's place is outside the tree of {size} entries.")
    rest = iter(between)

    def over(low: int, high: int, first: int, last: int) -> bytes:
        """The hash over the places `low` to `high`, in which the leaves `first` to `last` lie."""
        if first == last:
            found = next(rest, b"")
            if len(found) != 32:
                raise BadTree(f"The hash over the entries {low} to {high - 1} is missing.")
            return found
        if high - low == 1:
            return leaves[first]
        middle = low + split_of(high - low)
        border = bisect_left(places, middle, first, last)
        left = over(low, middle, first, border)
        return node_of(left, over(middle, high, border, last))

    root = over(0, size, 0, len(places))
    if next(rest, None) is not None:
        raise BadTree("There are more hashes than the tree has gaps.")
    return root
