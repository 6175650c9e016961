"""One host of the lab: its root, its keys, its SSH endpoint, its truth log."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import asyncssh

from inventory.lab.commands.call import CATALOGUE, Call, Kind, Send, needs_process
from inventory.lab.commands.permissions import LOOKER, refusal
from inventory.lab.faults import MET_BY_SESSIONS, Strikes
from inventory.lab.layout import PATH, build_aix_root, build_hmc_tools, host_environment, show_media
from inventory.lab.servers import session
from inventory.lab.servers.processes import host_processes, signal_all
from inventory.lab.servers.ssh import SshEndpoint
from inventory.lab.shell import hmcbash, labsh
from inventory.lab.shell.plain import plain
from inventory.lab.truth import TruthLog

if TYPE_CHECKING:
    from inventory.lab.lab import Lab


class Host:
    """A host that answers over SSH."""

    def __init__(self, lab: "Lab", name: str, kind: Kind, account: str, password: str) -> None:
        self.lab = lab
        self.name = name
        self.kind = kind
        self.account = account
        self.password = password
        self.directory = lab.directory / "hosts" / name
        self.directory.mkdir(parents=True, exist_ok=True)
        self.root = self.directory / "root"
        self.nothing = self.directory / "nothing"
        self.nothing.mkdir(exist_ok=True)
        self.truth = TruthLog(self.directory / "truth.log")
        self.client_keys = {account: lab.keys.client, LOOKER: lab.keys.looking}
        self.endpoint = SshEndpoint(self, lab.runtime / f"{name}.ssh")
        self.shell = labsh.real_shell()
        self._sessions: set[asyncio.Task[None]] = set()

    @property
    def has_files(self) -> bool:
        """Whether the host offers SFTP (an HMC does not)."""
        return self.kind is not Kind.HMC

    def faults(self) -> Strikes:
        """The faults that are switched on here."""
        return self.lab.faults.of(self.name)

    def prepare(self, address: str) -> None:
        """Make what the host's shell finds on disk; `address` is the socket of the commands."""
        if self.kind is Kind.HMC:
            build_hmc_tools(self.directory / "bin", self.name, address)
            return
        build_aix_root(self.root, self.lab.system_of(self.name), self.kind, address)
        if self.kind is Kind.NIM:
            show_media(self.root, self.lab.world)

    async def run_session(self, process: session.Process) -> None:
        """Serve one channel: a command, or a shell that reads standard input."""
        text = process.command or ""
        account = str(process.get_extra_info("username"))
        self.truth.shell(text, account)
        self.truth.asked(*MET_BY_SESSIONS, *(("hmc_down",) if self.kind is Kind.HMC else ()))
        root = "" if self.kind is Kind.HMC else str(self.root)
        refused = refusal(self.kind, text) if account == LOOKER else None
        if refused is not None:
            process.stderr.write(f"{refused.text}\n".encode())
            session.end(process, refused.status)
            return
        work = None if process.term_type else self._without_process(text, account)
        if work is not None:
            status = await session.answer(process, work, root)
        else:
            status = await session.run(process, self._spawn(text, shell=process.command is None), root)
        session.end(process, self._shown_status(status))

    def freeze(self) -> None:
        """Stop the host in its tracks: network and processes; TCP connections stay open."""
        self.endpoint.front.freeze()
        signal_all(host_processes(self.lab.directory, self.name), signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the host go on."""
        signal_all(host_processes(self.lab.directory, self.name), signal.SIGCONT)
        self.endpoint.front.thaw()

    async def apply_faults(self) -> None:
        """Bring the network's mood and the host key in line with the faults."""
        active = self.lab.faults.switched_on(self.name)
        await self.endpoint.front.refuse(
            "refuse" in active or (self.kind is Kind.HMC and "hmc_down" in active)
        )
        self.endpoint.front.hang("hang" in active)
        name = f"{self.name}.changed" if "changed_host_key" in active else self.name
        await self.endpoint.change_key(self.lab.keys.host(name))

    def _without_process(self, text: str, account: str) -> Callable[[Send], Awaitable[int]] | None:
        """What a text stands for, if it is a simulated command whose process nobody can miss."""
        found = plain(text)
        if found is None or not self._is_simulated(found.words[0]):
            return None
        name = found.words[0].rpartition("/")[2]
        handler, argv = CATALOGUE[(self.kind, name)], [name, *found.words[1:]]
        if needs_process(self.kind, handler):
            return None
        return lambda send: self.lab.answer(
            handler, Call(self.lab, self.name, argv, found.locale, 0, 0, "", account, send)
        )

    def _is_simulated(self, program: str) -> bool:
        """Whether the host's shell would find a simulated command by this name or path."""
        if self.kind is Kind.HMC:
            place, client = self.directory / "bin" / program, self.directory / "simulated"
        else:
            client = self.root / "usr/lib/simulated"
            tools = [self.root / part / program for part in PATH]
            place = next((tool for tool in tools if tool.exists()), self.root)
            if program.startswith("/"):
                place = self.root / program.lstrip("/")
        return place.is_symlink() and place.readlink() == client

    def _spawn(self, text: str, *, shell: bool) -> session.Spawn:
        if self.kind is Kind.HMC:
            return session.Spawn(self.shell, hmcbash.argv(text), self._hmc_environment(), self.directory)
        environment = host_environment(self.root, self.name, self.lab.directory)
        if shell:
            return session.Spawn(str(self.root / "usr/bin/sh"), ["sh"], environment, self.root)
        limit = "ulimit -f 0; trap '' XFSZ; " if "disk_full" in self.faults() else ""
        found = plain(text)
        argv = labsh.shell_words(found.words, str(self.root)) if found else []
        if found and argv:
            environment["LC_ALL"] = found.locale
        else:
            argv = ["sh", "-c", labsh.translate(text, str(self.root))]
        argv[2] = limit + argv[2]
        return session.Spawn(self.shell, argv, environment, self.root)

    def _hmc_environment(self) -> dict[str, str]:
        return {
            "PATH": str(self.directory / "bin"),
            "HOME": "/home/hscroot",
            "LANG": "C",
            "LAB_HOST": self.name,
            "LAB_DIR": str(self.lab.directory),
        }

    def _shown_status(self, status: int) -> int | None:
        wrong = self.faults().get("wrong_status")
        if wrong is None:
            return status
        return int(wrong) if wrong.isdigit() else None


def fingerprint(key: asyncssh.SSHKey) -> str:
    """A host key's fingerprint as people compare it: `SHA256:…`."""
    return str(key.get_fingerprint())
