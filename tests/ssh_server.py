"""SSH servers for tests: one inside the process (asyncssh), one of OpenSSH. Both run real shells."""

import asyncio
import contextlib
import fcntl
import os
import pwd
import signal
import socket
import subprocess
import termios
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from inventory.transport import Endpoint
from tests.leftovers import end_processes_in

PASSWORD = "correct horse; battery'staple$"


@dataclass
class Server:
    """A running in-process server. `commands` are the exec requests that it saw; `shell` takes each."""

    directory: Path
    host_keys: list[asyncssh.SSHKey]
    client_key: Path
    commands: list[str] = field(default_factory=list)
    sign_ins: list[str] = field(default_factory=list)
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    path: str = os.environ["PATH"]
    shell: str = "/bin/sh"
    port: int = 0
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def endpoint(self, **changes: object) -> Endpoint:
        values: dict[str, object] = {
            "name": "pay01",
            "address": "127.0.0.1",
            "port": self.port,
            "account": "root",
            "host_key": self.host_keys[0].get_fingerprint(),
            "credential": f"file:{self.client_key}",
            "launcher_dir": str(self.directory / "launcher"),
            "networks": ("127.0.0.0/8",),
        }
        return Endpoint(**(values | changes))  # type: ignore[arg-type]

    def environment(self) -> dict[str, str]:
        return {"PATH": self.path, "HOME": str(self.directory)}

    def path_without(self, program: str) -> str:
        """A PATH that holds everything of the usual one but `program`."""
        tools = self.directory / f"without-{program}"
        tools.mkdir()
        for folder in ("/bin", "/usr/bin"):
            for tool in Path(folder).iterdir():
                link = tools / tool.name
                if tool.name != program and not link.exists():
                    link.symlink_to(tool)
        return str(tools)

    def drop_connections(self) -> None:
        """Break every connection, as a failing network does."""
        for connection in list(self.connections):
            self.loop.call_soon_threadsafe(connection.abort)


class _Host(asyncssh.SSHServer):
    def __init__(self, server: Server) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._server.connections.append(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.remove(self._connection)

    def begin_auth(self, username: str) -> bool:
        self._server.sign_ins.append(username)
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        allowed = asyncssh.read_public_key(f"{self._server.client_key}.pub")
        return username == "root" and key.public_data == allowed.public_data

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return username == "root" and password == PASSWORD


def _shell(server: Server) -> Callable[[asyncssh.SSHServerProcess[bytes]], Awaitable[None]]:
    async def handle(process: asyncssh.SSHServerProcess[bytes]) -> None:
        server.commands.append(process.command or "")
        if process.term_type is None:
            status = await _on_pipes(server, process)
        else:
            status = await _on_terminal(server, process)
        if status < 0:
            process.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
        else:
            process.exit(status)

    return handle


async def _on_pipes(server: Server, process: asyncssh.SSHServerProcess[bytes]) -> int:
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        server.shell, "-c", process.command or "exit 1",
        start_new_session=True, cwd=server.directory, env=server.environment(),
        stdin=pipe, stdout=pipe, stderr=pipe,
    )  # fmt: skip
    assert child.stdin and child.stdout and child.stderr
    feeding = asyncio.create_task(_feed(process, child.stdin))
    await asyncio.gather(_carry(child.stdout, process.stdout), _carry(child.stderr, process.stderr))
    status = await child.wait()
    feeding.cancel()
    return status


async def _feed(process: asyncssh.SSHServerProcess[bytes], target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncssh.Error):
        while piece := await process.stdin.read(65536):
            target.write(piece)
            await target.drain()
        target.close()


async def _carry(source: asyncio.StreamReader, target: asyncssh.SSHWriter[bytes]) -> None:
    while piece := await source.read(65536):
        with contextlib.suppress(OSError, asyncssh.Error):
            target.write(piece)
            await target.drain()


async def _on_terminal(server: Server, process: asyncssh.SSHServerProcess[bytes]) -> int:
    master, slave = os.openpty()
    _set_modes(slave, process.term_modes)
    child = await asyncio.create_subprocess_exec(
        server.shell, "-c", process.command or "exit 1",
        start_new_session=True, cwd=server.directory, env=server.environment(),
        stdin=slave, stdout=slave, stderr=slave,
        preexec_fn=_take_terminal,
    )  # fmt: skip
    os.close(slave)

    async def typed() -> None:
        while piece := await process.stdin.read(65536):
            os.write(master, piece)

    typing = asyncio.create_task(typed())
    with contextlib.suppress(OSError):
        while piece := await asyncio.to_thread(os.read, master, 65536):
            process.stdout.write(piece)
    typing.cancel()
    os.close(master)
    return await child.wait()


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _set_modes(terminal: int, modes: Mapping[int, int]) -> None:
    settings = termios.tcgetattr(terminal)
    if modes.get(asyncssh.PTY_ECHO) == 0:
        settings[3] &= ~termios.ECHO
    if modes.get(asyncssh.PTY_ONLCR) == 0:
        settings[1] &= ~termios.ONLCR
    termios.tcsetattr(terminal, termios.TCSANOW, settings)


async def _wind_up(server: Server, acceptor: asyncssh.SSHAcceptor) -> None:
    """Close everything, end what was started on the host, and let no task be pending."""
    acceptor.close()
    for connection in list(server.connections):
        connection.abort()
    end_processes_in(server.directory)
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    if tasks:
        _, pending = await asyncio.wait(tasks, timeout=2)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)


@contextlib.contextmanager
def in_process_server(directory: Path, *, sftp: bool = True, **algorithms: list[str]) -> Iterator[Server]:
    """An SSH server in a thread of this process; one Ed25519 and one RSA host key.

    `algorithms` are those of `asyncssh.listen`: `kex_algs`, `encryption_algs`, `mac_algs`.
    """
    directory.mkdir(exist_ok=True)
    client_key = asyncssh.generate_private_key("ssh-ed25519")
    client_key.write_private_key(directory / "client_key")
    client_key.write_public_key(directory / "client_key.pub")
    (directory / "client_key").chmod(0o600)
    host_keys = [asyncssh.generate_private_key(kind) for kind in ("ssh-ed25519", "ssh-rsa")]
    server = Server(directory, host_keys, directory / "client_key")

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=server.host_keys,
            server_factory=lambda: _Host(server),
            process_factory=_shell(server),
            sftp_factory=sftp,
            encoding=None,
            line_editor=False,
            **algorithms,  # type: ignore[arg-type]
        )

    thread = threading.Thread(target=server.loop.run_forever, daemon=True)
    thread.start()
    acceptor = asyncio.run_coroutine_threadsafe(listen(), server.loop).result(20)
    server.port = acceptor.get_port()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_wind_up(server, acceptor), server.loop).result(20)
        server.loop.call_soon_threadsafe(server.loop.stop)
        thread.join(10)
        server.loop.close()
        thread.join(10)


@dataclass
class OpenSsh:
    """A running sshd of OpenSSH, as the current user, on loopback."""

    directory: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def pinned(self) -> str:
        return self.fingerprint("host_ed25519")

    def fingerprint(self, host_key: str) -> str:
        return _fingerprint(self.directory / f"{host_key}.pub")

    def endpoint(self, **changes: object) -> Endpoint:
        values: dict[str, object] = {
            "name": "pay01",
            "address": "127.0.0.1",
            "port": self.port,
            "account": pwd.getpwuid(os.getuid()).pw_name,
            "host_key": self.pinned,
            "credential": f"file:{self.directory / 'client_ed25519'}",
            "launcher_dir": str(self.directory / "launcher"),
            "networks": ("127.0.0.0/8",),
        }
        return Endpoint(**(values | changes))  # type: ignore[arg-type]

    def _children(self) -> list[int]:
        found = [self.process.pid]
        for process in found:
            children = Path(f"/proc/{process}/task/{process}/children")
            with contextlib.suppress(OSError):
                for child in children.read_text().split():
                    if Path(f"/proc/{child}/comm").read_text().startswith("sshd"):
                        found.append(int(child))
        return found[1:]

    def kill_sessions(self) -> None:
        """Kill every session of the server, but not the server."""
        for child in self._children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def freeze(self, seconds: float) -> None:
        """Stop the server and its sessions for a while; commands go on."""
        frozen = self._children()
        for process in frozen:
            os.kill(process, signal.SIGSTOP)
        time.sleep(seconds)
        for process in frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


def _fingerprint(public_key: Path) -> str:
    shown = subprocess.run(["ssh-keygen", "-lf", public_key], check=True, capture_output=True, text=True)
    return shown.stdout.split()[1]


@contextlib.contextmanager
def openssh_server(directory: Path, *options: str, sftp: bool = True) -> Iterator[OpenSsh]:
    """OpenSSH's sshd on a free port with keys of its own; `options` are lines of sshd_config."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    for name in ("host_ed25519", "host_rsa", "host_ecdsa", "client_ed25519"):
        key, kind = directory / name, name.partition("_")[2]
        if not key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", key], check=True)
    with contextlib.suppress(PermissionError):
        Path("/run/sshd").mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lines = [
        *options,
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {directory}/host_ed25519",
        f"HostKey {directory}/host_rsa",
        f"HostKey {directory}/host_ecdsa",
        f"AuthorizedKeysFile {directory}/client_ed25519.pub",
        f"PidFile {directory}/pid",
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication no",
        "PermitRootLogin yes",
        f"SetEnv HOME={directory}",  # no profile of the machine slows or colours what commands do
        *(["Subsystem sftp internal-sftp"] if sftp else []),
    ]
    (directory / "sshd_config").write_text("\n".join(lines) + "\n")
    log = directory / "log"
    process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", directory / "sshd_config", "-E", log])
    try:
        _wait_for_port(port, process, log)
        server = OpenSsh(directory, port, process)
        yield server
    finally:
        server.kill_sessions()
        process.terminate()
        process.wait(10)
        end_processes_in(directory)


def _wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"sshd does not answer: {log.read_text()}")
