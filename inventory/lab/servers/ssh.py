"""A host's SSH server: keys, sign-in, sessions and SFTP."""

import errno
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

from inventory.lab.servers import session
from inventory.lab.servers.front import Front

if TYPE_CHECKING:
    from inventory.lab.host import Host


class _SignIn(asyncssh.SSHServer):
    """Accepts each of the host's accounts with its key, and the one that executes with its password."""

    def __init__(self, host: "Host") -> None:
        self._host = host

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        known = self._host.client_keys.get(username)
        return known is not None and key.public_data == known.public_data

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return username == self._host.account and password == self._host.password


class _Files(asyncssh.SFTPServer):
    """SFTP below the host's root."""

    host: "Host"

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        if "disk_full" in self.host.faults():
            raise OSError(errno.ENOSPC, "There is not enough space in the file system.")
        written = super().write(file_obj, offset, data)
        assert isinstance(written, int)
        return written


class SshEndpoint:
    """One host's SSH server behind its address."""

    def __init__(self, host: "Host", socket_path: Path) -> None:
        self._host = host
        self._path = socket_path
        self.front = Front(str(socket_path))
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._key: asyncssh.SSHKey | None = None

    async def start(self, port: int, key: asyncssh.SSHKey) -> None:
        """Listen on this port (or a free one) and answer with this host key."""
        await self._serve(key)
        await self.front.listen(port)

    async def change_key(self, key: asyncssh.SSHKey) -> None:
        """Answer with another host key from the next connection on."""
        if key != self._key:
            await self._serve(key)

    def close(self) -> None:
        """Stop listening and cut every connection."""
        self.front.close()
        if self._acceptor:
            self._acceptor.close()

    async def _serve(self, key: asyncssh.SSHKey) -> None:
        if self._acceptor:
            self._acceptor.close()
        self._key = key
        self._path.unlink(missing_ok=True)
        host = self._host

        def files(channel: "asyncssh.SSHServerChannel[bytes]") -> asyncssh.SFTPServer:
            root = host.root if channel.get_extra_info("username") == host.account else host.nothing
            server = _Files(channel, chroot=str(root).encode())
            server.host = host
            return server

        async def command(process: session.Process) -> None:
            await host.run_session(process)

        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(self._path))
        self._acceptor = await asyncssh.listen(
            sock=listening,
            server_factory=lambda: _SignIn(host),
            server_host_keys=[key],
            process_factory=command,
            sftp_factory=files if host.has_files else None,
            encoding=None,
            line_editor=False,
            compression_algs=None,
            login_timeout=60,
        )
