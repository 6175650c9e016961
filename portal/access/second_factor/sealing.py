"""Secrets of authenticator apps as ciphertext, under keys that the database does not hold."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from portal.lib.errors import Conflict

PURPOSE = b"portal.access.second-factor"


def seal(secret: str, owner: str) -> str:
    """`secret` as ciphertext that opens for this owner alone (`User.public_id`)."""
    return _box(owner).encrypt(secret.encode()).decode()


def unseal(sealed: str, owner: str) -> str:
    """The secret. Raises Conflict where it was sealed with another SECRET_KEY, or for another person."""
    try:
        return _box(owner).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Conflict(
            "The portal cannot read the secret of this second factor any more.",
            remedy="Ask an administrator to reset the second factor, then set it up again.",
            code="second_factor_unreadable",
        ) from None


def _box(owner: str) -> Fernet:
    """A key of one's own for each person, derived from SECRET_KEY (HKDF, RFC 5869)."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=PURPOSE, info=owner.encode())
    return Fernet(urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))
