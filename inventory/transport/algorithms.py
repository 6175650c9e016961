"""The floor of SSH algorithms, and what a host may be excepted for (threat T5).

Key exchanges, ciphers and checksums not named here are never offered: none with SHA-1 for the exchange, no
3DES, RC4 or MD5. Strict key exchange (against Terrapin, CVE-2023-48795) is offered always; where the host
has it too it is used.
"""

from collections.abc import Iterable
from dataclasses import dataclass

KEY_EXCHANGES = (
    "mlkem768x25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group14-sha256",
)
CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
)
CHECKSUMS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)
WEAK_CIPHERS = ("aes256-cbc", "aes192-cbc", "aes128-cbc")
WEAK_CHECKSUMS = ("hmac-sha1",)
WEAK = (*WEAK_CIPHERS, *WEAK_CHECKSUMS)
"""What old systems may need, and nobody else gets: ciphers in CBC mode and checksums with SHA-1."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is offered to one host, the preferred first."""

    key_exchanges: tuple[str, ...]
    ciphers: tuple[str, ...]
    checksums: tuple[str, ...]


def allowed(exceptions: Iterable[str]) -> Allowed:
    """The floor, with exceptions from `WEAK` behind it."""
    chosen = frozenset(exceptions)
    return Allowed(
        KEY_EXCHANGES,
        (*CIPHERS, *(name for name in WEAK_CIPHERS if name in chosen)),
        (*CHECKSUMS, *(name for name in WEAK_CHECKSUMS if name in chosen)),
    )
