"""The running lab: hosts, world, faults, and what binds them."""

import asyncio
import json
import shutil
import signal
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from inventory.lab.commands.call import Call, Handler, Kind, load_commands
from inventory.lab.control_command import control
from inventory.lab.description import write_description
from inventory.lab.faults import Faults
from inventory.lab.host import Host
from inventory.lab.keys import Keys
from inventory.lab.liveupdate.run import LiveUpdates
from inventory.lab.root_images import keep_first
from inventory.lab.servers.commands import CommandServer
from inventory.lab.servers.processes import host_processes, signal_all
from inventory.lab.world.model import Lpar, World
from inventory.lab.world.scenario import load_scenario
from inventory.lab.world.store import Store, write_atomically

SAVE_EVERY_S = 0.5


class Lab:
    """A simulated estate in a directory; `speed` divides all simulated durations.

    `relayed` are the commands that the NIM master runs on clients now.
    """

    def __init__(self, directory: Path, *, speed: float, scenario: str) -> None:
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.runtime = Path(tempfile.mkdtemp(prefix="lab-"))
        self.speed = speed
        load_commands()
        self._store = Store(self.directory / "world.json")
        self.world: World = self._store.load() or load_scenario(scenario)
        self.faults = Faults(self.world, self._asked)
        self.keys = Keys(self.directory / "keys")
        self.updates = LiveUpdates(self)
        self.relayed: list[Call] = []
        self.hosts = {name: self._host(name) for name in self.world.hosts()}
        self._commands = CommandServer(self, control)
        self._under_way: set[asyncio.Task[None]] = set()
        self._touched = True
        self.command_socket = self.runtime / "commands"

    async def run(self, stop: asyncio.Event) -> None:
        """Start everything, say so in `lab.json`, and go on until `stop`."""
        signal_all(host_processes(self.directory), signal.SIGKILL)
        await self._commands.start(self.command_socket)
        ports = self._saved_ports()
        for host in self.hosts.values():
            host.prepare(str(self.command_socket))
            await host.endpoint.start(ports.get(host.name, 0), self.keys.host(host.name))
            if self.faults.switched_on(host.name):
                await host.apply_faults()
        self.updates.recover()
        keep_first(self)
        ports = {name: host.endpoint.front.port for name, host in self.hosts.items()}
        write_atomically(self.directory / "ports.json", json.dumps(ports))
        write_description(self)
        try:
            while not stop.is_set():
                self._save()
                await _wait(stop, SAVE_EVERY_S)
        finally:
            self._stop()

    def system_of(self, name: str) -> Lpar:
        """The AIX system of a host. Raises KeyError for the HMC."""
        return self.world.nim.system if name == self.world.nim.name else self.world.lpars[name]

    def root_of(self, name: str) -> Path:
        """Where a host's files are."""
        return self.hosts[name].root

    def touch(self) -> None:
        """Something changed: keep the world soon."""
        self._touched = True

    async def sleep(self, seconds: float) -> None:
        """Let simulated seconds pass."""
        await asyncio.sleep(seconds / self.speed)

    async def answer(self, handler: Handler, call: Call) -> int:
        """Carry out a command that no process stands for; returns its exit status."""
        return await self._commands.run(handler, call)

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something happen while the command that began it is over already."""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def _asked(self, host: str, fault: str) -> None:
        self.hosts[host].truth.asked(fault)

    def _host(self, name: str) -> Host:
        if name in {hmc.name for hmc in self.world.hmcs()}:
            return Host(self, name, Kind.HMC, "hscroot", self.keys.password(f"hscroot@{name}"))
        kind = Kind.NIM if name == self.world.nim.name else Kind.LPAR
        return Host(self, name, kind, "root", self.keys.password(f"root@{name}"))

    def _saved_ports(self) -> dict[str, int]:
        file = self.directory / "ports.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def _save(self) -> None:
        if self._touched:
            self._touched = False
            self._store.save(self.world)

    def _stop(self) -> None:
        for host in self.hosts.values():
            host.endpoint.close()
        self._commands.close()
        self._touched = True
        self._save()
        signal_all(host_processes(self.directory), signal.SIGKILL)
        shutil.rmtree(self.runtime, ignore_errors=True)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
