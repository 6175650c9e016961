"""The environment, read in one place: what a deployment may set, and what it gets otherwise."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

DEMO = env.bool("PORTAL_DEMO", default=False)
"""The demo: made-up people with known passwords, on loopback."""

VAR_DIR = Path(env.str("PORTAL_VAR_DIR", default=str(BASE_DIR / "var")))
"""Where the portal keeps its files: embedded database, ledger key, anchors, logs."""
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)


def secret(name: str, *, default: str = "") -> str:
    """The secret `name`, or the content of the file that `name`_FILE points to."""
    path = env.str(f"{name}_FILE", default="")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    return str(env.str(name, default=default))


def embedded_secret_key() -> str:
    """Django's secret key of the embedded set-up: random, made once, kept in `VAR_DIR/secret.key`.

    Raises ImproperlyConfigured where a database server is configured: such a portal may run on
    several machines, which must share a key that somebody chose.
    """
    if not env.str("DATABASE_URL", default="sqlite:").startswith("sqlite:"):
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Set SECRET_KEY, or SECRET_KEY_FILE to a file that holds it; "
            "every process of the portal needs the same one."
        )
    path = VAR_DIR / "secret.key"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=VAR_DIR, encoding="utf-8", suffix=".key") as draft:
            draft.write(secrets.token_urlsafe(64))
            draft.flush()
            with contextlib.suppress(FileExistsError):  # another process of the portal was first
                os.link(draft.name, path)
    return path.read_text(encoding="utf-8")
