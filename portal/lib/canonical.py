"""One byte form for a value, so that its digest means something."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """`value` as canonical JSON: UTF-8, sorted keys, no blanks, no floats.

    Raises TypeError for floats and other values whose text would depend on the writer.
    """
    _refuse_ambiguous(value)
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def digest(content: bytes) -> str:
    """SHA-256 of `content` as `sha256:` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def digest_of(value: Any) -> str:
    """Digest of the canonical JSON of `value`."""
    return digest(canonical_json(value))


def _refuse_ambiguous(value: Any) -> None:
    if value is None or isinstance(value, (bool, int, str)):
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"Canonical JSON needs text keys, not {key!r}.")
            _refuse_ambiguous(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _refuse_ambiguous(item)
    else:
        raise TypeError(f"Canonical JSON cannot hold {type(value).__name__} {value!r}.")
