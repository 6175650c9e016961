"""Whether a tree extends another: proofs of growth, checked. Plain Python 3.8, a part of verify.py too."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def node_of(left: bytes, right: bytes) -> bytes:
    """An inner node's hash."""
    return hashlib.sha256(b"\1" + left + right).digest()


def is_extension(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162, section 2.1.4.2: whether the proof shows that the new tree extends the old one."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_of(sibling, first), node_of(sibling, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_of(second, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
