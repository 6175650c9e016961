"""What `manage.py check --deploy` refuses besides Django's own list."""

import stat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from portal.env import DEMO, VAR_DIR


@register(Tags.security, deploy=True)
def deployment_is_safe(**_options: Any) -> list[CheckMessage]:
    """The demo stays on loopback, people reach the portal by HTTPS, files are the portal's alone."""
    found: list[CheckMessage] = []
    if DEMO:
        found.append(
            Error(
                "PORTAL_DEMO is set: the demo's people have known passwords.",
                hint="Unset PORTAL_DEMO and start with an empty database.",
                id="portal.E001",
            )
        )
    if not settings.HTTPS:
        found.append(
            Error(
                "PORTAL_HTTPS is not set: sessions and passwords would cross the network in clear.",
                hint="Serve the portal behind HTTPS and set PORTAL_HTTPS=1.",
                id="portal.E002",
            )
        )
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql") and not settings.REDIS_URL:
        found.append(
            Error(
                "DATABASE_URL names a server but REDIS_URL is not set.",
                hint="Set REDIS_URL, so that every machine's worker hears the same doorbell.",
                id="portal.E003",
            )
        )
    found.extend(_readable_by_others(Path(settings.LEDGER_KEY_FILE), "portal.E004"))
    found.extend(_readable_by_others(VAR_DIR / "secret.key", "portal.E005"))
    return found


def _readable_by_others(path: Path, check_id: str) -> list[CheckMessage]:
    if not path.exists() or not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return []
    return [Error(f"{path} can be read by others.", hint=f"chmod 600 {path}", id=check_id)]
