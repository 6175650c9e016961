"""One invocation of a simulated command, and the catalogue of commands.

A command is an async function of a `Call` that returns the exit status. It registers itself with
the kinds of host that have it and its path there; the packages are walked once at start.
"""

import asyncio
import dis
import getopt
import importlib
import pkgutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from inventory.lab.world.frame import Hmc
from inventory.lab.world.model import Lpar, World

if TYPE_CHECKING:
    from inventory.lab.lab import Lab


class Kind(StrEnum):
    """The kinds of host of the lab."""

    LPAR = "lpar"
    HMC = "hmc"
    NIM = "nim_master"


Send = Callable[[bytes, bytes], None]
"""Takes a piece of what a command says: its kind, as frames of `shell.client` have it, and the bytes."""


class Usage(Exception):
    """The words of a command make no sense; the text is what it prints on standard error."""


@dataclass(slots=True)
class Call:
    """A running command: who asked, with which words, and the way back."""

    lab: "Lab"
    host: str
    argv: list[str]
    locale: str
    pid: int
    group: int
    terminal: str
    account: str = "root"
    send: Send = field(default=lambda _kind, _payload: None)
    answers: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def world(self) -> World:
        """The estate."""
        return self.lab.world

    @property
    def lpar(self) -> Lpar:
        """The AIX system that the command runs on."""
        return self.lab.system_of(self.host)

    @property
    def hmc(self) -> Hmc:
        """The HMC that the command runs on."""
        return next(hmc for hmc in self.world.hmcs() if hmc.name == self.host)

    @property
    def french(self) -> bool:
        """Whether messages come in French: the host's default language, unless LC_ALL says C."""
        return self.locale not in ("C", "POSIX") and "localized" in self.lab.faults.of(self.host)

    def out(self, text: str) -> None:
        """Print on standard output."""
        self._send(b"o", text)

    def line(self, text: str = "") -> None:
        """Print a line on standard output."""
        self._send(b"o", text + "\n")

    def err(self, text: str) -> None:
        """Print a line on standard error."""
        self._send(b"e", text + "\n")

    def fail(self, text: str, status: int = 1) -> int:
        """Print a line on standard error; returns the exit status."""
        self.err(text)
        return status

    async def ask(self, question: str, *, hidden: bool = False) -> str:
        """Ask the person (or program) at the terminal; empty when nobody answers."""
        self._send(b"q", ("h" if hidden else "v") + question)
        answer = asyncio.ensure_future(self.answers.get())
        left = asyncio.ensure_future(self.gone.wait())
        done, pending = await asyncio.wait({answer, left}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        return answer.result() if answer in done else ""

    async def sleep(self, seconds: float) -> None:
        """Let simulated seconds pass."""
        await self.lab.sleep(seconds)

    def options(self, letters: str) -> tuple[dict[str, str], list[str]]:
        """Options and operands by getopt's rules. Raises Usage."""
        try:
            pairs, operands = getopt.gnu_getopt(self.argv[1:], letters)
        except getopt.GetoptError as error:
            raise Usage(f"{self.argv[0]}: {error}\nUsage: {self.argv[0]} [-{letters}]") from error
        return {flag[1:]: value for flag, value in pairs}, operands

    def _send(self, kind: bytes, text: str) -> None:
        payload = text.encode(errors="surrogateescape")
        if not self.gone.is_set() and payload:
            self.send(kind, payload)


Handler = Callable[[Call], Awaitable[int]]

CATALOGUE: dict[tuple[Kind, str], Handler] = {}
PATHS: dict[Kind, list[str]] = {kind: [] for kind in Kind}

AIX = (Kind.LPAR, Kind.NIM)


def command(*paths: str, on: tuple[Kind, ...] = AIX) -> Callable[[Handler], Handler]:
    """Register a command under its absolute paths (an HMC has names, no paths)."""

    def register(handler: Handler) -> Handler:
        for kind in on:
            for path in paths:
                CATALOGUE[(kind, path.rpartition("/")[2])] = handler
                PATHS[kind].append(path)
        return handler

    return register


@cache
def needs_process(kind: Kind, handler: Handler) -> bool:
    """Whether anybody could miss the process of a command: it asks, or an AIX host shows it meanwhile.

    What awaits nothing has answered before anybody can look.
    """
    steps = list(dis.get_instructions(handler))
    if kind is Kind.HMC:
        return any(step.argval == "ask" for step in steps)
    return any(step.opname == "GET_AWAITABLE" for step in steps)


def load_commands() -> None:
    """Import every module below `commands`, so that all commands are registered."""
    package = importlib.import_module("inventory.lab.commands")
    for module in pkgutil.walk_packages(package.__path__, "inventory.lab.commands."):
        importlib.import_module(module.name)


def now() -> float:
    """The estate's wall clock, in epoch seconds."""
    return time.time()
