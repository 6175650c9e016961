"""A command that the NIM master runs on a client through nimsh: as root, its output comes back.

It is the client's: it goes on when the command on the master, or the master itself, ends.
"""

import asyncio
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from inventory.lab.commands.aix.workload import new_pid
from inventory.lab.commands.call import CATALOGUE, Call, Kind, Usage, command, now
from inventory.lab.world.model import Mount, Token

TELLING = re.compile(r"^.*(?:\d{4}-\d{3}[^:]*:|(?i:licen[sc]e)|failed\.|FAILED|will not proceed).*$", re.M)


@dataclass(slots=True)
class ClientCall(Call):
    """A call on a client whose output is printed on the master, as long as somebody there listens."""

    master: Call | None = None
    printed: list[str] = field(default_factory=list)

    def _send(self, kind: bytes, text: str) -> None:
        self.printed.append(text)
        if self.master is not None:
            self.master._send(kind, text)

    @property
    def complaint(self) -> str:
        """The line that says most of why the command failed."""
        text = "".join(self.printed)
        lines = [str(line).strip() for line in TELLING.findall(text)] or [text.strip()]
        return next((line for line in lines if "FAILED" in line), lines[0])


def reachable(call: Call, client: str) -> bool:
    """Whether the client's nimsh answers the master."""
    lpar = call.world.lpars.get(client)
    faults = call.lab.faults.of(client)
    down = {"refuse", "hang", "nimsh_down"} & faults.keys()
    return lpar is not None and not down and lpar.subsystems["nimsh"].pid > 0


def begin(call: Call, client: str, argv: list[str]) -> tuple[ClientCall, "asyncio.Task[int]"]:
    """Start a command on a client; the task is the client's and nobody else's to cancel."""
    lpar = call.world.lpars[client]
    pid = new_pid(lpar)
    there = ClientCall(call.lab, client, argv, "C", pid, pid, "", master=call)
    return there, asyncio.ensure_future(_run(there))


async def _run(there: ClientCall) -> int:
    handler = CATALOGUE[(Kind.LPAR, there.argv[0])]
    truth = there.lab.hosts[there.host].truth
    truth.asked("reboot")
    number, status = truth.start(there.argv, there.pid), None
    there.lab.relayed.append(there)
    try:
        status = await handler(there)
    except Usage as usage:
        status = there.fail(str(usage))
    finally:
        there.lab.relayed.remove(there)
        truth.end(number, status)
        there.lab.touch()
    return status


@contextmanager
def mounted(call: Call, client: str, location: str) -> Iterator[str]:
    """A directory of the master, mounted on the client as NIM does it."""
    lpar = call.world.lpars[client]
    over = f"/tmp/_nim_dir_{int(now() * 1000)}/mnt0"  # noqa: S108 - below the host's own root
    place = call.lab.root_of(client) / over.lstrip("/")
    place.parent.mkdir(parents=True)
    place.symlink_to(call.lab.root_of(call.host) / location.lstrip("/"))
    mount = Mount(location, over, "nfs3", "ro,bg,hard,intr,sec=sys", call.world.nim.name)
    lpar.mounts.append(mount)
    try:
        yield over
    finally:
        lpar.mounts.remove(mount)
        place.unlink()
        place.parent.rmdir()


@contextmanager
def authenticated(call: Call, client: str, user: str) -> Iterator[None]:
    """The client logged on to the HMC by NIM's HMC object, unless it is already or there is none."""
    lpar, hmc = call.world.lpars[client], call.world.hmc
    token = Token(hmc.address, user)
    if not user or token in lpar.tokens:
        yield
        return
    lpar.tokens.append(token)
    try:
        yield
    finally:
        if token in lpar.tokens:
            lpar.tokens.remove(token)


@command("/usr/lpp/bos.sysmgt/nim/methods/c_rsh", on=(Kind.NIM,))
async def c_rsh(call: Call) -> int:
    """`c_rsh CLIENT "COMMAND"`: one simulated command of a client, with variables in front if need be."""
    _, client, text = [*call.argv, "", "", ""][:3]
    if not reachable(call, client):
        return call.fail("0042-006 c_rsh: (From_Master) connect Connection timed out")
    words = [word for word in shlex.split(text) if "=" not in word]
    argv = [words[0].rpartition("/")[2], *words[1:]] if words else [""]
    if (Kind.LPAR, argv[0]) not in CATALOGUE:
        return call.fail(f"ksh: {argv[0]}:  not found.", 127)
    _, task = begin(call, client, argv)
    return await asyncio.shield(task)
