"""Which rules judge LPARs: a digest of the parsers, the checks, and what they know of levels and LPARs."""

import hashlib
from functools import lru_cache
from pathlib import Path

import inventory.facts
import liveupdate.knowledge
import liveupdate.lpar
import liveupdate.readiness

SUFFIXES = frozenset({".py", ".yaml", ".csv"})


@lru_cache
def rules_digest() -> str:
    """SHA-256 over the files of the rules, as 64 hexadecimal digits; another one after an upgrade."""
    together = hashlib.sha256()
    for package in (inventory.facts, liveupdate.knowledge, liveupdate.lpar, liveupdate.readiness):
        root = Path(package.__path__[0])
        for path in sorted(root.rglob("*")):
            if path.suffix in SUFFIXES:
                together.update(f"{package.__name__}/{path.relative_to(root)}\0".encode())
                together.update(hashlib.sha256(path.read_bytes()).digest())
    return together.hexdigest()
