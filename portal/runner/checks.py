"""What `manage.py check --deploy` refuses besides Django's own list."""

import stat
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from portal.audit.checks import triggers_are_installed
from portal.env import DEMO, VAR_DIR, env

KEY_LENGTH, KEY_VARIETY = 50, 5
GUARDED_BROKERS = frozenset({"", "memory", "redis", "rediss", "redis+socket"})
"""Brokers whose messages are checked (threats T23 and T25), or that nobody else reaches."""
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})
"""Values of PostgreSQL's sslmode that never fall back to clear text."""


@register(Tags.security, deploy=True)
def deployment_is_safe(**_options: Any) -> list[CheckMessage]:
    """The demo stays on loopback, people reach the portal by HTTPS, secrets are strong and its alone."""
    return [*_reach(), *_secrets(), *_servers(), *_links()]


def _reach() -> Iterator[CheckMessage]:
    if DEMO:
        yield Error(
            "PORTAL_DEMO is set: the demo's people have known passwords.",
            hint="Unset PORTAL_DEMO and start with an empty database.",
            id="portal.E001",
        )
    if not settings.HTTPS:
        yield Error(
            "PORTAL_HTTPS is not set: sessions and passwords would cross the network in clear.",
            hint="Serve the portal behind HTTPS and set PORTAL_HTTPS=1.",
            id="portal.E002",
        )
    wide = [host for host in settings.ALLOWED_HOSTS if host == "*" or _is_top_level(host)]
    if wide:
        yield Error(
            f"ALLOWED_HOSTS lets any host in: {', '.join(wide)}.",
            hint="Name the hosts by which people reach the portal.",
            id="portal.E007",
        )

    yield from _networks()


def _networks() -> Iterator[CheckMessage]:
    if not settings.PORTAL_NETWORKS:
        yield Error(
            "PORTAL_NETWORKS is not set: a host of the inventory may be anywhere.",
            hint="Name the networks of LPARs, HMCs and NIM masters, for example 10.20.0.0/16,10.30.1.0/24.",
            id="portal.E011",
        )
    for network in settings.PORTAL_NETWORKS:
        try:
            ip_network(network)
        except ValueError as error:
            yield Error(f"PORTAL_NETWORKS: {error}.", hint="Write 10.20.0.0/16.", id="portal.E012")


def _is_top_level(host: str) -> bool:
    """Whether a host of ALLOWED_HOSTS stands for everything below a top-level domain, as `.com` does."""
    return host.startswith(".") and "." not in host[1:]


def _secrets() -> Iterator[CheckMessage]:
    if len(settings.SECRET_KEY) < KEY_LENGTH or len(set(settings.SECRET_KEY)) < KEY_VARIETY:
        yield Error(
            f"SECRET_KEY is weak: it needs {KEY_LENGTH} characters or more, drawn at random.",
            hint="python -c 'import secrets; print(secrets.token_urlsafe(64))'",
            id="portal.E006",
        )
    yield from _open_to_others(Path(settings.LEDGER_KEY_FILE), "portal.E004")
    yield from _open_to_others(VAR_DIR / "secret.key", "portal.E005")
    named = env.str("SECRET_KEY_FILE", default="")
    if named:
        yield from _open_to_others(Path(named), "portal.E005")
    yield from _open_to_others(VAR_DIR, "portal.E009", stat.S_IRWXO)


def _servers() -> Iterator[CheckMessage]:
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql") and not settings.REDIS_URL:
        yield Error(
            "DATABASE_URL names a server but REDIS_URL is not set.",
            hint="Set REDIS_URL, so that every machine's worker hears the same doorbell.",
            id="portal.E003",
        )
    broker = urlsplit(settings.CELERY_BROKER_URL).scheme
    if broker not in GUARDED_BROKERS:
        yield Error(
            f"BROKER_URL names a {broker} broker, whose messages nothing checks before Celery takes them.",
            hint="Name one Redis server: redis://, rediss:// or redis+socket://.",
            id="portal.E013",
        )
    try:
        yield from triggers_are_installed(databases=["default"])
    except DatabaseError as error:
        yield Error(f"The database does not answer: {error}", hint="Check DATABASE_URL.", id="portal.E010")


def _links() -> Iterator[CheckMessage]:
    """Ways to servers of other machines on which anybody could read and write along."""
    for name, address in (("REDIS_URL", settings.REDIS_URL), ("BROKER_URL", settings.CELERY_BROKER_URL)):
        link = urlsplit(address)
        if link.scheme == "redis" and not _is_this_machine(link.hostname or ""):
            yield Error(
                f"{name} reaches {link.hostname} in clear text.",
                hint="Let Redis serve TLS and write rediss:// (redis-server: tls-port).",
                id="portal.E014",
            )
    database = settings.DATABASES["default"]
    encrypted = database.get("OPTIONS", {}).get("sslmode") in ENCRYPTED
    if database["ENGINE"].endswith("postgresql") and not (encrypted or _is_this_machine(database["HOST"])):
        yield Error(
            f"DATABASE_URL reaches {database['HOST']} without asking for encryption.",
            hint="Add ?sslmode=verify-full&sslrootcert=FILE to it.",
            id="portal.E015",
        )


def _is_this_machine(host: str) -> bool:
    """Whether a host, or the directory of a socket, is where this process runs."""
    try:
        return host in ("", "localhost") or host.startswith("/") or ip_address(host).is_loopback
    except ValueError:
        return False


def _open_to_others(
    path: Path, check_id: str, bits: int = stat.S_IRWXG | stat.S_IRWXO
) -> Iterator[CheckMessage]:
    if path.exists() and path.stat().st_mode & bits:
        mode = "700" if path.is_dir() else "600"
        yield Error(f"{path} is open to others.", hint=f"chmod {mode} {path}", id=check_id)
