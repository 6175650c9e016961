"""Starts the portal's processes in order, watches them, stops them in reverse.

Each child has its own process group (a terminal's Ctrl-C must not hit the broker before the
worker) and dies with the supervisor, whatever ends that (PR_SET_PDEATHSIG on Linux).
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from portal.lib.errors import PortalError

PR_SET_PDEATHSIG = 1
READY_TIMEOUT_S = 40.0
STOP_TIMEOUT_S = 15.0


class ChildFailed(PortalError):
    """A process ended, or did not become ready in time."""

    code = "process_failed"


@dataclass(frozen=True, slots=True)
class Child:
    """A process to run; `ready` is polled until it says yes."""

    name: str
    argv: tuple[str, ...]
    ready: Callable[[], bool]
    env: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """A set of running children. Logs go to `log_dir/NAME.log`."""

    def __init__(self, log_dir: Path, env: Mapping[str, str]) -> None:
        self.log_dir = log_dir
        self.env = dict(env)
        self.running: list[tuple[Child, subprocess.Popen[bytes]]] = []
        log_dir.mkdir(parents=True, exist_ok=True)

    def start(self, child: Child) -> None:
        """Start one child and wait until it is ready. Raises ChildFailed."""
        log = self.log_dir / f"{child.name}.log"
        with log.open("ab") as stream:
            process = subprocess.Popen(  # noqa: S603 - a fixed argument list, no shell
                child.argv,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env={**self.env, **child.env},
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread
            )
        self.running.append((child, process))
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not child.ready():
            if process.poll() is not None:
                raise ChildFailed(
                    f"The {child.name} process ended with status {process.returncode} while starting.",
                    remedy=f"Read {log}; its last line: {_last_line(log)}",
                )
            if time.monotonic() > deadline:
                raise ChildFailed(
                    f"The {child.name} process was not ready within {READY_TIMEOUT_S:.0f} s.",
                    remedy=f"Read {log}; its last line: {_last_line(log)}",
                )
            time.sleep(0.05)

    def check(self) -> None:
        """Raise ChildFailed if a child ended by itself."""
        for child, process in self.running:
            if process.poll() is not None:
                raise ChildFailed(
                    f"The {child.name} process ended with status {process.returncode}.",
                    remedy=f"Read {self.log_dir / child.name}.log",
                )

    def stop(self) -> None:
        """Stop every child in reverse order, gently first; whoever stays is killed."""
        while self.running:
            _, process = self.running.pop()
            _signal_group(process, signal.SIGTERM)
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()
            else:
                _signal_group(process, signal.SIGKILL)


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Turn SIGTERM into KeyboardInterrupt, so that Ctrl-C and a service manager end alike."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "(empty)"
