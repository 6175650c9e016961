"""The processes that make up a portal on one machine."""

import os
import secrets
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import redis
from django.conf import settings

from inventory.models import Credential
from portal.env import BASE_DIR, VAR_DIR
from portal.lib.errors import PortalError
from portal.runner.broker import embedded_broker
from portal.runner.supervisor import Child, Supervisor

WORKER_THREADS = 64
OWN_SECRETS = frozenset({"SECRET_KEY", "DATABASE_URL"})


class PortInUse(PortalError):
    """Another program listens where the portal should."""

    code = "port_in_use"


def check_port_free(host: str, port: int) -> None:
    """Raise PortInUse if something listens on host:port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(
                f"Port {port} on {host} is in use, perhaps by another portal.",
                remedy="Stop that program, or choose another port: make demo PORT=8123",
            ) from error


@contextmanager
def portal_processes(host: str, port: int, say: Callable[[str], None]) -> Iterator[Supervisor]:
    """The whole portal, started in order and stopped in reverse; `say` tells of processes that died.

    Raises ChildFailed when a process does not come up.
    """
    check_port_free(host, port)
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "PORTAL_WORKER_SEAT": secrets.token_hex(4)}
    env.setdefault("PORTAL_URL", f"http://{host}:{port}")
    credentials = _credential_variables()
    supervisor = Supervisor(VAR_DIR / "log", env, say)
    with nullcontext() if env.get("REDIS_URL") else embedded_broker() as broker:
        try:
            if broker is not None:
                hidden = credentials | OWN_SECRETS
                supervisor.start(Child("broker", broker.argv, lambda: _answers_ping(broker.url), hidden))
                supervisor.env["REDIS_URL"] = os.environ["REDIS_URL"] = broker.url
            for child in _children(host, port, credentials):
                supervisor.start(child)
            yield supervisor
        finally:
            supervisor.stop()


def _credential_variables() -> frozenset[str]:
    """The variables that hold hosts' passwords and keys: only the worker connects, so it alone gets them."""
    found = Credential.objects.filter(reference__startswith="env:").values_list("reference", flat=True)
    return frozenset(reference.removeprefix("env:") for reference in found)


def _children(host: str, port: int, credentials: frozenset[str]) -> Iterator[Child]:
    python, manage = sys.executable, str(BASE_DIR / "manage.py")
    yield Child("sealer", (python, manage, "audit_sealer"), _at_once, credentials)
    yield Child(
        "web",
        (
            *(python, "-m", "uvicorn", "portal.asgi:application", "--host", host, "--port", str(port)),
            *("--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "2"),
            "--proxy-headers" if settings.BEHIND_PROXY else "--no-proxy-headers",
        ),
        lambda: _listens(host, port),
        credentials,
    )
    yield Child(
        "worker",
        (
            *(python, "-m", "celery", "--app", "portal.celery", "worker", "--pool", "threads"),
            *("--concurrency", str(WORKER_THREADS), "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        _at_once,
    )
    yield Child("scheduler", (python, manage, "scheduler"), _at_once, credentials)


def _at_once() -> bool:
    return True


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def _answers_ping(url: str) -> bool:
    if not Path(url.removeprefix("unix://")).exists():
        return False
    try:
        with redis.Redis.from_url(url) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False
