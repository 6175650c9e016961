"""Starts the portal's processes in order, starts again what dies, stops them in reverse.

Each child has its own process group (a terminal's Ctrl-C must not hit the broker before the
worker) and dies with the supervisor, whatever ends that (PR_SET_PDEATHSIG on Linux).
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.lib.errors import PortalError

log = logging.getLogger(__name__)
PR_SET_PDEATHSIG = 1
READY_TIMEOUT_S = 40.0
STOP_TIMEOUT_S = 15.0
SETTLED_S = 10.0
"""A process that lived this long could start; one that never does ends the portal."""
TRIES = 3
BACKOFF_S = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)


class ChildFailed(PortalError):
    """A process ended, or did not become ready in time."""

    code = "process_failed"


@dataclass(frozen=True, slots=True)
class Child:
    """A process to run; `ready` is polled until it says yes. `hidden` variables are kept from it."""

    name: str
    argv: tuple[str, ...]
    ready: Callable[[], bool]
    hidden: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Running:
    """A child's newest process, or the time at which it is started again."""

    child: Child
    process: subprocess.Popen[bytes]
    began: float
    again_at: float | None = None
    settled: bool = False
    falls: int = 0


class Supervisor:
    """A set of running children. Logs go to `log_dir/NAME.log`; `say` tells of deaths and new starts."""

    def __init__(
        self, log_dir: Path, env: Mapping[str, str], say: Callable[[str], None] = log.warning
    ) -> None:
        self.log_dir = log_dir
        self.env = dict(env)
        self.running: list[_Running] = []
        self._say = say
        log_dir.mkdir(parents=True, exist_ok=True)

    def start(self, child: Child) -> None:
        """Start one child and wait until it is ready. Raises ChildFailed."""
        process = self._spawn(child)
        self.running.append(_Running(child, process, time.monotonic()))
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not child.ready():
            if process.poll() is not None:
                raise self._failed(child, f"ended with status {process.returncode} while starting")
            if time.monotonic() > deadline:
                raise self._failed(child, f"was not ready within {READY_TIMEOUT_S:.0f} s")
            time.sleep(0.05)

    def tend(self) -> None:
        """Start again, after a pause that grows, what ended by itself.

        Raises ChildFailed for a child that never lived for `SETTLED_S` and ended `TRIES` times.
        """
        now = time.monotonic()
        for one in self.running:
            if one.again_at is not None:
                if now >= one.again_at:
                    one.process, one.began, one.again_at = self._spawn(one.child), now, None
            elif one.process.poll() is not None:
                self._mourn(one, now)
            elif now - one.began >= SETTLED_S:
                one.settled, one.falls = True, 0

    def tend_for(self, seconds: float) -> None:
        """Wait, and tend the children meanwhile. Raises ChildFailed."""
        until = time.monotonic() + seconds
        self.tend()
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))
            self.tend()

    def _mourn(self, one: _Running, now: float) -> None:
        _signal_group(one.process, signal.SIGKILL)
        pause = BACKOFF_S[min(one.falls, len(BACKOFF_S) - 1)]
        one.falls += 1
        if not one.settled and one.falls >= TRIES:
            raise self._failed(one.child, f"{_end_of(one.process)} {one.falls} times, each time soon")
        one.again_at = now + pause
        soon = f"in {pause:.0f} s" if pause else "at once"
        self._say(f"The {one.child.name} process {_end_of(one.process)}; it is started again {soon}.")

    def _spawn(self, child: Child) -> subprocess.Popen[bytes]:
        with self._log_of(child).open("ab") as stream:
            return subprocess.Popen(  # noqa: S603 - a fixed argument list, no shell
                child.argv,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env={name: value for name, value in self.env.items() if name not in child.hidden},
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread
            )

    def _failed(self, child: Child, how: str) -> ChildFailed:
        log_file = self._log_of(child)
        return ChildFailed(
            f"The {child.name} process {how}.",
            remedy=f"Read {log_file}; its last line: {_last_line(log_file)}",
        )

    def _log_of(self, child: Child) -> Path:
        return self.log_dir / f"{child.name}.log"

    def stop(self) -> None:
        """Stop every child in reverse order, gently first; whoever stays is killed."""
        while self.running:
            process = self.running.pop().process
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


def _end_of(process: subprocess.Popen[bytes]) -> str:
    if process.returncode < 0:
        return f"was killed by {signal.Signals(-process.returncode).name}"
    return f"ended with status {process.returncode}"


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "(empty)"
