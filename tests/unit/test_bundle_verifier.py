"""The stand-alone verifier's parts, each against somebody else's or the portal's own code."""

import ast
import random
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from liveupdate.bundle.script import verify_script
from liveupdate.bundle.verifier.checkpoint import BadCheckpoint, log_key, signed_head
from liveupdate.bundle.verifier.ed25519 import signature_holds
from liveupdate.bundle.verifier.tree import BadTree, root_from
from portal.audit.extension import is_extension
from portal.audit.merkle import complete_root, consistency_proof, leaf_hash, root_of
from portal.audit.note import Head, VerifierKey, sign
from portal.audit.partial import hashes_between

LEAVES = [leaf_hash(bytes([number])) for number in range(77)]
RFC_8032 = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
)
"""Section 7.1, tests 1 and 2: public key, message, signature."""


def subtree(level: int, index: int) -> bytes:
    return complete_root(LEAVES[index << level : (index + 1) << level])


@pytest.mark.asvs("11.6.1")
@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_signatures_of_rfc_8032(public: str, message: str, signature: str) -> None:
    key, said, signed = (bytes.fromhex(text) for text in (public, message, signature))
    assert signature_holds(key, said, signed)
    assert not signature_holds(key, said + b"!", signed)


def test_signatures_of_another_library_hold_and_none_with_a_flipped_bit() -> None:
    chance = random.Random(20)
    for _ in range(6):
        private, message = Ed25519PrivateKey.generate(), chance.randbytes(90)
        public, signature = private.public_key().public_bytes_raw(), private.sign(message)
        assert signature_holds(public, message, signature)
        for which in (0, 1, 2):
            parts = [bytearray(public), bytearray(message), bytearray(signature)]
            at = chance.randrange(len(parts[which]))
            parts[which][at] ^= 1 << chance.randrange(8)
            assert not signature_holds(*map(bytes, parts))


def test_a_scalar_beyond_the_order_is_no_signature() -> None:
    private = Ed25519PrivateKey.generate()
    signature = private.sign(b"x")
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little") + order
    malleable = signature[:32] + scalar.to_bytes(32, "little")
    assert not signature_holds(private.public_key().public_bytes_raw(), b"x", malleable)


def test_some_leaves_with_what_lies_between_give_the_root() -> None:
    chance = random.Random(6962)
    for size in (1, 2, 3, 7, 8, 9, 64, 77):
        for count in {0, 1, 2, size // 2, size} & set(range(size + 1)):
            places = sorted(chance.sample(range(size), count))
            between = hashes_between(size, places, subtree)
            held = [LEAVES[place] for place in places]
            assert root_from(size, places, held, between) == root_of(LEAVES[:size])
            if places:
                with pytest.raises(BadTree):
                    root_from(size, places, held, [*between, b"\0" * 32])
                other = [*held[:-1], leaf_hash(b"another")]
                assert root_from(size, places, other, between) != root_of(LEAVES[:size])
            if between:
                with pytest.raises(BadTree):
                    root_from(size, places, held, between[:-1])


def test_entries_out_of_order_or_outside_make_no_tree() -> None:
    for places in ([1, 0], [0, 0], [0, 77], [-1, 3]):
        with pytest.raises(BadTree):
            root_from(77, places, LEAVES[:2], [])


def test_consistency_proofs_of_every_pair_hold_and_from_nothing_to_something_none() -> None:
    for new in range(1, 40):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, subtree)
            assert is_extension(old, new, root_of(LEAVES[:old]), root_of(LEAVES[:new]), proof)
            assert not is_extension(old, new, leaf_hash(b"x"), root_of(LEAVES[:new]), proof)
    assert not is_extension(0, 5, root_of([]), root_of(LEAVES[:5]), [])


def test_a_checkpoint_is_read_as_the_portal_writes_it() -> None:
    private = Ed25519PrivateKey.generate()
    note = sign(Head(77, root_of(LEAVES)), "portal.example/lu-ledger/v1", private)
    key = log_key(str(VerifierKey("portal.example/lu-ledger/v1", private.public_key())))
    assert signed_head(note, key) == (77, root_of(LEAVES))
    other = log_key(
        str(VerifierKey("portal.example/lu-ledger/v1", Ed25519PrivateKey.generate().public_key()))
    )
    for text, checked_by in (
        (note.replace("\n77\n", "\n78\n"), key),
        (note, other),
        ("", key),
        (note[:60], key),
    ):
        with pytest.raises(BadCheckpoint):
            signed_head(text, checked_by)


def test_the_script_is_one_file_of_the_standard_library(tmp_path: Path) -> None:
    tree = ast.parse(verify_script(), feature_version=(3, 8))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)] + [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    modules = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module])
    }
    assert {name.split(".")[0] for name in modules if name} <= set(sys.stdlib_module_names)
    script = tmp_path / "verify.py"
    script.write_text(verify_script())
    garbage = tmp_path / "garbage.zip"
    garbage.write_bytes(sha256(b"x").digest() * 9)
    for arguments, code in (([], 3), (["no-such-file"], 3), ([str(garbage)], 1), (["--help"], 0)):
        ended = subprocess.run(
            [sys.executable, "-I", "-S", str(script), *arguments], check=False, capture_output=True
        )
        assert ended.returncode == code, ended
