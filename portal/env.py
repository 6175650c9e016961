"""The environment, read in one place: what a deployment may set, and what it gets otherwise."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

DEMO = env.bool("PORTAL_DEMO", default=False)
"""The demo: a made-up secret key and plain HTTP on loopback are allowed, nothing else is."""

VAR_DIR = Path(env.str("PORTAL_VAR_DIR", default=str(BASE_DIR / "var")))
"""Where the portal keeps its files: embedded database, ledger key, anchors, logs."""


def secret(name: str, *, default: str = "") -> str:
    """The secret `name`, or the content of the file that `name`_FILE points to."""
    path = env.str(f"{name}_FILE", default="")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    return str(env.str(name, default=default))
