"""The tree against RFC 6962's reference values, two other implementations, and itself."""

from collections.abc import Sequence

import metamorphic_log
import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.extension import is_extension
from portal.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    Subtree,
    complete_root,
    consistency_proof,
    frontier_at,
    inclusion_holds,
    inclusion_proof,
    leaf_hash,
    root_of,
)

INPUTS = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243"),
        *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The reference tree of the Certificate Transparency project."""

ONE_TO_EIGHT = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
INNER_OF_EIGHT = [
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]


def reader(leaves: Sequence[bytes]) -> Subtree:
    return lambda level, index: root_of(leaves[index << level : (index + 1) << level])


def some_leaves(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def test_roots_of_the_reference_tree() -> None:
    leaves = [leaf_hash(content) for content in INPUTS]
    assert [root_of(leaves[:size]).hex() for size in range(1, 9)] == ROOTS
    assert root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_proofs_of_the_reference_tree() -> None:
    read = reader([leaf_hash(content) for content in INPUTS])
    assert [part.hex() for part in inclusion_proof(0, 8, read)] == ONE_TO_EIGHT
    assert [part.hex() for part in consistency_proof(1, 8, read)] == ONE_TO_EIGHT
    assert [part.hex() for part in consistency_proof(2, 8, read)] == INNER_OF_EIGHT
    assert consistency_proof(8, 8, read) == []


@given(st.integers(1, 600), st.data())
def test_every_entry_is_proven_and_no_other_in_its_place(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = some_leaves(size)
    root, proof = root_of(leaves), inclusion_proof(index, size, reader(leaves))
    assert inclusion_holds(index, size, leaves[index], proof, root)
    metamorphic_log.verify_inclusion(index, size, leaves[index], proof, root)
    assert not inclusion_holds(index, size, leaf_hash(b"other"), proof, root)
    assert not inclusion_holds(index, size, leaves[index], [*proof, root], root)
    if size > 1:
        assert not inclusion_holds((index + 1) % size, size, leaves[index], proof, root)
        assert not inclusion_holds(index, size, leaves[index], proof[:-1], root)


@given(st.integers(1, 600), st.data())
def test_every_growth_is_proven_and_no_rewriting(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    leaves = some_leaves(size)
    old_root, root = root_of(leaves[:old]), root_of(leaves)
    proof = consistency_proof(old, size, reader(leaves))
    assert is_extension(old, size, old_root, root, proof)
    metamorphic_log.verify_consistency(old, size, proof, old_root, root)
    rewritten = root_of([leaf_hash(b"other"), *leaves[1:]])
    assert not is_extension(old, size, old_root, rewritten, proof)
    if proof:
        assert not is_extension(old, size, old_root, root, proof[:-1])
        assert not is_extension(old, size, old_root, root, [*proof[:-1], EMPTY_ROOT])


@given(st.integers(0, 600), st.integers(0, 600))
def test_a_frontier_can_be_taken_up_anywhere(start: int, more: int) -> None:
    leaves = some_leaves(start + more)
    frontier = frontier_at(start, reader(leaves))
    again = Frontier(frontier.size, frontier.hashes)
    for leaf in leaves[start:]:
        again.append(leaf)
    assert again.root() == root_of(leaves)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=70))
def test_another_implementation_finds_the_same_root(contents: list[bytes]) -> None:
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for content in contents:
        other.append_entry(content)
    assert root_of(leaf_hash(content) for content in contents) == other.get_root()


@pytest.mark.parametrize("height", range(10))
def test_the_quick_root_is_the_root(height: int) -> None:
    leaves = some_leaves(1 << height)
    assert complete_root(leaves) == root_of(leaves)


@pytest.mark.parametrize("count", [0, 3, 6, 255])
def test_the_quick_root_takes_powers_of_two_only(count: int) -> None:
    with pytest.raises(ValueError, match="no power of two"):
        complete_root(some_leaves(count))


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (6, 5), (-1, 5)])
def test_impossible_growth_is_refused(old: int, new: int) -> None:
    assert not is_extension(old, new, EMPTY_ROOT, EMPTY_ROOT, [])
    with pytest.raises(ValueError, match="no consistency proof"):
        consistency_proof(old, new, reader(some_leaves(5)))


def test_impossible_places_are_refused() -> None:
    leaves = some_leaves(5)
    assert not inclusion_holds(5, 5, leaves[0], [], root_of(leaves))
    assert not inclusion_holds(-1, 5, leaves[0], [], root_of(leaves))
    assert not inclusion_holds(0, 1, leaves[0], [leaves[1]], root_of(leaves))
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion_proof(5, 5, reader(leaves))
    with pytest.raises(ValueError, match="needs 2 hashes"):
        Frontier(3, [EMPTY_ROOT])
