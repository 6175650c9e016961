"""One-time codes of authenticator apps (TOTP, RFC 6238), and recovery codes. Nothing here is stored."""

import secrets
from base64 import b32encode
from datetime import datetime
from hmac import compare_digest

import pyotp
import segno
from django.conf import settings
from django.utils.crypto import salted_hmac

STEP_S = 30
TOLERATED = 1
"""Time steps that an app's clock may be off, either way (RFC 6238, 5.2)."""
RECOVERY_CODES = 10
RECOVERY_SALT = "portal.access.recovery-code"


def new_secret() -> str:
    """A secret of 160 bits, as authenticator apps take it (base32)."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, at: datetime, after: int) -> int | None:
    """The time step whose code this is, of those around `at` that come after step `after`; else None."""
    totp = pyotp.TOTP(secret, interval=STEP_S)
    here = totp.timecode(at)
    steps = range(max(here - TOLERATED, after + 1), here + TOLERATED + 1)
    matching = [step for step in steps if compare_digest(totp.generate_otp(step).encode(), code.encode())]
    return matching[0] if matching else None


def setup_address(secret: str, username: str) -> str:
    """What the QR code says: the `otpauth:` address that an app reads."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=username, issuer_name=settings.SITE_NAME)


def qr_image(text: str) -> str:
    """A QR code of `text` as a `data:` address of its image, dark on light in every theme."""
    return segno.make(text, error="m").svg_data_uri(scale=5, dark="#000", light="#fff")


def new_recovery_codes() -> list[str]:
    """Fresh recovery codes of 80 bits each, e.g. `K7QD-2MZX-41PA-9TRC` with letters and 2 to 7."""
    return [_grouped(b32encode(secrets.token_bytes(10)).decode()) for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str) -> str:
    """The keyed hash under which a recovery code is kept; spaces, hyphens and case do not matter."""
    return salted_hmac(RECOVERY_SALT, tidy(code).upper(), algorithm="sha256").hexdigest()


def tidy(code: str) -> str:
    """A code as typed, without the spaces and hyphens that group it."""
    return code.replace(" ", "").replace("-", "")


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
