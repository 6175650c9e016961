"""The portal's own secrets, which no host's credential may name: they would be sent to that host."""

from pathlib import Path

from django.conf import settings

from portal.env import VAR_DIR, env

VARIABLES = frozenset({"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "BROKER_URL", "EMAIL_URL"})


def is_own_secret(reference: str) -> bool:
    """Whether a credential reference points to what the portal itself lives by."""
    scheme, _, place = reference.partition(":")
    if scheme == "env":
        return place in VARIABLES
    return scheme == "file" and Path(place).resolve() in _files()


def _files() -> set[Path]:
    named = (VAR_DIR / "secret.key", settings.LEDGER_KEY_FILE, env.str("SECRET_KEY_FILE", default=""))
    return {Path(place).resolve() for place in named if place}
