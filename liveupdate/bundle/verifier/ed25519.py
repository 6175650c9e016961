"""Checks Ed25519 signatures (RFC 8032, section 5.1.7) with nothing but integers."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


class Point(NamedTuple):
    """A point of the curve in the coordinates of RFC 8032, section 5.1.4."""

    x: int
    y: int
    z: int
    t: int


NEUTRAL = Point(0, 1, 1, 0)


def signature_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the 64 bytes are this key's signature of the message."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, commitment = point_from(public_key), point_from(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    return _same(_times(scalar, BASE), _plus(commitment, _times(challenge, key)))


def point_from(encoded: bytes) -> Point | None:
    """The point that 32 bytes encode (section 5.1.3); None where they encode none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT_OF_MINUS_ONE % P
    elif v * x * x % P != u:
        return None
    if x == 0 and sign:
        return None
    x = P - x if x & 1 != sign else x
    return Point(x, y, 1, x * y % P)


def _plus(one: Point, other: Point) -> Point:
    a = (one.y - one.x) * (other.y - other.x) % P
    b = (one.y + one.x) * (other.y + other.x) % P
    c, d = 2 * one.t * other.t * D % P, 2 * one.z * other.z % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return Point(e * f % P, g * h % P, f * g % P, e * h % P)


def _times(scalar: int, point: Point) -> Point:
    result = NEUTRAL
    while scalar:
        if scalar & 1:
            result = _plus(result, point)
        point, scalar = _plus(point, point), scalar >> 1
    return result


def _same(one: Point, other: Point) -> bool:
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (
        one[1] * other[2] - other[1] * one[2]
    ) % P == 0


def _base() -> Point:
    point = point_from((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    assert point is not None
    return point


BASE = _base()
