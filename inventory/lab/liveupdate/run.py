"""The Live Updates of the estate: each belongs to the world, not to the session that began it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from inventory.lab.liveupdate import phases
from inventory.lab.liveupdate.ifix_install import Ifixes
from inventory.lab.liveupdate.operation import Operation

if TYPE_CHECKING:
    from inventory.lab.commands.call import Call
    from inventory.lab.lab import Lab

BEFORE_THE_MOVE = ("INSTALLING", "VERIFYING", "RUNNING")


class LiveUpdates:
    """All Live Updates that run, and what the managed system can still give."""

    def __init__(self, lab: "Lab") -> None:
        self._lab = lab
        self._running: dict[str, tuple[Operation, asyncio.Task[int]]] = {}

    async def start(self, call: "Call", media_path: str, ifixes: Ifixes, *, accept_licences: bool) -> int:
        """Run a Live Update; it goes on when the command that began it is killed or cancelled."""
        operation = Operation(call, media_path, ifixes, accept_licences=accept_licences)
        return await self._run(operation, operation.run)

    async def install(self, call: "Call", media_path: str, *, accept_licences: bool) -> int:
        """Run the install part alone."""
        operation = Operation(
            call, media_path, Ifixes(media_path, (), alone=False), accept_licences=accept_licences
        )
        return await self._run(operation, operation.install_only)

    async def _run(self, operation: Operation, work: Callable[[], Coroutine[None, None, int]]) -> int:
        call = operation.call
        if call.host in self._running:
            return call.fail(f"{call.argv[0]}: 1430-035 Another live update operation is in progress.")
        task = asyncio.ensure_future(work())
        self._running[call.host] = (operation, task)
        task.add_done_callback(lambda _: self._running.pop(call.host, None))
        return await asyncio.shield(task)

    def interrupt(self, host: str) -> None:
        """The LPAR goes down, maybe under a Live Update: what that began stays for `clvupdate`."""
        progress = self._lab.system_of(host).progress
        if host in self._running:
            _, task = self._running[host]
            if progress.state in ("RUNNING", "MOVED"):
                progress.dirty = "MOVED_DIRTY" if progress.state == "MOVED" else "FAILED_DIRTY"
            task.cancel()
            progress.state = progress.dirty or "IDLE"
        progress.rebooted = bool(progress.dirty)

    def running(self, host: str) -> bool:
        """Whether a Live Update of this host runs."""
        return host in self._running

    def uses(self, host: str, over: str) -> bool:
        """Whether a Live Update of this host installs from the mount point."""
        if host not in self._running:
            return False
        operation, _ = self._running[host]
        installing = self._lab.system_of(host).progress.state == "INSTALLING"
        return installing and f"{operation.media_path}/".startswith(f"{over}/")

    def recover(self) -> None:
        """Bring to an end what a stopped lab left half-way: undone before the move, done after it."""
        for lpar in self._lab.world.lpars.values():
            if lpar.progress.state in BEFORE_THE_MOVE:
                phases.undo(self._lab.world, lpar)
                lpar.progress.state = "FAILED_CLEAN"
            elif lpar.progress.state == "MOVED":
                phases.remove_original(self._lab.world, lpar)
                lpar.progress.state = "DONE"

    def free_memory(self) -> int:
        """MB that the managed system can give."""
        return 1024 if self._taken() else self._lab.world.system.free_memory()

    def free_units(self) -> float:
        """Processor units that the managed system can give."""
        return 0.1 if self._taken() else self._lab.world.system.free_units()

    def _taken(self) -> bool:
        return any("capacity_gone" in self._lab.faults.of(host) for host in self._lab.hosts)
