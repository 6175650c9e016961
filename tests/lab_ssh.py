"""A plain SSH client for tests against the lab."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import paramiko

from inventory.lab.estate import RunningLab

LAUNCH = (
    "d=/var/adm/ras/lu-portal/{key}; mkdir -p /var/adm/ras/lu-portal && mkdir $d && cat > $d/command && "
    "cd $d && set -m && {{ nohup ksh -c 'echo $$ > pid.new; mv pid.new pid; ksh command; echo $? > s.new; "
    "mv s.new status' > stdout 2> stderr < /dev/null & }} && echo started"
)
"""A detached start in the manner of the portal's launcher."""


@dataclass(frozen=True, slots=True)
class Done:
    """A finished command."""

    status: int
    out: str
    err: str


class Session:
    """One SSH connection to a host of the lab."""

    def __init__(self, client: paramiko.SSHClient) -> None:
        self.client = client

    def run(self, text: str, stdin: bytes = b"", timeout: float = 60.0) -> Done:
        """Run a command text; both streams, and -1 when no exit status came."""
        channel = self._channel(timeout)
        channel.exec_command(text)
        if stdin:
            channel.sendall(stdin)
        channel.shutdown_write()
        out, err = channel.makefile("rb").read(), channel.makefile_stderr("rb").read()
        return Done(channel.recv_exit_status(), out.decode(), err.decode())

    def answer(self, text: str, prompt: str, secret: str) -> Done:
        """Run on a terminal and type the secret once the prompt was printed."""
        channel = self._channel(30.0)
        channel.get_pty()
        channel.exec_command(text)
        seen = b""
        while prompt.encode() not in seen:
            seen += channel.recv(4096)
        channel.sendall(secret.encode() + b"\n")
        while piece := channel.recv(4096):
            seen += piece
        return Done(channel.recv_exit_status(), seen.decode(), "")

    def launch(self, key: str, command: str) -> None:
        """Start a command detached; its files are below /var/adm/ras/lu-portal/KEY."""
        done = self.run(LAUNCH.format(key=key), command.encode())
        assert (done.status, done.out) == (0, "started\n"), done

    def read(self, path: str) -> str:
        """A file over SFTP; empty when it is not there."""
        with self.client.open_sftp() as files:
            try:
                with files.open(path, "rb") as file:
                    return file.read().decode()
            except FileNotFoundError:
                return ""

    def wait_for(self, path: str, part: str = "", timeout: float = 60.0) -> str:
        """Read a file until it holds a text; returns the whole. Fails the test at the deadline."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            text = self.read(path)
            if text and part in text:
                return text
            time.sleep(0.05)
        raise AssertionError(f"{path} does not hold {part!r}: {self.read(path)!r}")

    def _channel(self, timeout: float) -> paramiko.Channel:
        transport = self.client.get_transport()
        assert transport is not None
        channel = transport.open_session(timeout=timeout)
        channel.settimeout(timeout)
        return channel


@contextmanager
def session(lab: RunningLab, name: str, timeout: float = 20.0, *, looking: bool = False) -> Iterator[Session]:
    """A connection with an account's key and the pinned host key; `looking` is as whom."""
    host = lab.host(name)
    prefix = "looking_" if looking else ""
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(_Pinned(host["host_key"]))
    client.connect(
        host["address"],
        host["port"],
        host[f"{prefix}account"],
        pkey=paramiko.Ed25519Key.from_private_key_file(host[f"{prefix}key_file"]),
        look_for_keys=False,
        allow_agent=False,
        timeout=timeout,
        banner_timeout=timeout,
        auth_timeout=timeout,
    )
    try:
        yield Session(client)
    finally:
        client.close()


class _Pinned(paramiko.MissingHostKeyPolicy):
    """Refuses any host key but the described one."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        if key.fingerprint != self._fingerprint:
            raise paramiko.SSHException(f"another host key: {key.fingerprint}")
