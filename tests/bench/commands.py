"""P1: short commands on one host, against OpenSSH's own client with a shared connection."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.test import override_settings

from inventory.command import Command
from inventory.transport.connection import Connection, connect
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.models import Run
from liveupdate.states import RunState
from tests.bench.rows import Row, middle, seconds
from tests.integration.engine_world import make_world, sh
from tests.ssh_server import OpenSsh, openssh_server

COMMANDS = 40
ROUNDS = 5
SSHD = Path("/usr/sbin/sshd")


def measure() -> Iterator[Row]:
    """The transport alone, then the whole way: claim, intent, ledger, output stored."""
    if not SSHD.exists():
        raise SystemExit(f"P1 needs {SSHD}: install openssh-server.")
    with (
        tempfile.TemporaryDirectory(prefix="bench-ssh-") as place,
        openssh_server(Path(place) / "host") as server,
    ):
        yield from _against(server)


def _against(server: OpenSsh) -> Iterator[Row]:
    reference, ours = [], []
    with _shared(server) as ssh, connect(server.endpoint()) as connection:
        for _ in range(ROUNDS):
            reference.append(seconds(lambda: _by_ssh(ssh)))
            ours.append(seconds(lambda: _by_transport(connection)))
    whole = list(_whole_runs(server))
    per_ssh = 1000 * middle(reference) / COMMANDS
    for what, times in (("transport alone", ours), ("whole product path", whole)):
        each = 1000 * middle(times) / COMMANDS
        yield Row("P1", f"a command, {what}", "ms", each, per_ssh, "≤ 0.75", each <= 0.75 * per_ssh)


@contextmanager
def _shared(server: OpenSsh) -> Iterator[list[str]]:
    socket = server.directory / "control"
    endpoint = server.endpoint()
    key = endpoint.credential.removeprefix("file:")
    base = [
        *(
            "ssh",
            "-F",
            "none",
            "-S",
            str(socket),
            "-p",
            str(server.port),
            "-i",
            key,
        ),
        *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"),
        *("-o", "BatchMode=yes"),
    ]
    target = f"{endpoint.account}@127.0.0.1"
    subprocess.run([*base, "-M", "-f", "-N", target], check=True)
    try:
        yield [*base, target]
    finally:
        subprocess.run([*base, "-O", "exit", target], check=True, stderr=subprocess.DEVNULL)


def _by_ssh(ssh: list[str]) -> None:
    for number in range(COMMANDS):
        done = subprocess.run([*ssh, f"echo {number}"], check=True, capture_output=True)
        assert done.stdout == b"%d\n" % number


def _by_transport(connection: Connection) -> None:
    for number in range(COMMANDS):
        done = connection.run(Command(("echo", str(number))), deadline_s=30)
        assert done.stdout == b"%d\n" % number


def _whole_runs(server: OpenSsh) -> Iterator[float]:
    endpoint = server.endpoint()
    world = make_world(endpoint, server.endpoint(name="hmc01"))
    with override_settings(PORTAL_LAUNCHER_DIR=str(server.directory / "launcher")):
        for _ in range(ROUNDS):
            plan = world.plan([sh(f"s{number}", f"echo {number}") for number in range(COMMANDS)])
            run = start_run(world.approved(plan).pk)
            yield seconds(lambda run=run: execute(run.pk, "bench"))
            run = Run.objects.get(pk=run.pk)
            assert run.state == RunState.SUCCEEDED, f"{run}: {run.state} {run.outcome} {run.reason}"
