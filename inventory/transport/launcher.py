"""Commands that may run once, ever: started detached on the host, found again after any accident.

The host keeps a directory for each key: `command` (the text), `stdout`, `stderr`, `pid` (written by the
child before the command begins) and `status` (put in place by rename when it ended). Making the
directory is the claim, so a second launch of a key attaches instead of starting. A reboot, a killed
watcher or a full disk leave no status: *vanished*, never taken for an end.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from inventory.command import Command
from inventory.transport.endpoint import Endpoint
from inventory.transport.errors import ContactLost, RemoteFailure, TransportError
from inventory.transport.result import Result, Stream, Tick
from portal.lib.errors import Invalid

HELPER_S = 60.0
"""Deadline of the launcher's own short commands, in seconds."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_SCRIPTS = Path(__file__).parent / "scripts"
_LAUNCH = (_SCRIPTS / "launch.sh").read_text(encoding="ascii")
_PROBE_PARTS = (_SCRIPTS / "probe.sh").read_text(encoding="ascii")
_PROBE = f"dir=$1\n{_PROBE_PARTS}probe\n"
_STOP = f"dir=$1 grace=$2\n{_PROBE_PARTS}" + (_SCRIPTS / "stop.sh").read_text(encoding="ascii")
_LENGTHS = (
    'for stream in stdout stderr; do if [ -f "$1/$stream" ]; then wc -c <"$1/$stream"; else echo 0; fi; done'
)
_ANSWER = re.compile(
    r"(?P<state>absent|starting|running|ended|vanished)(?: (?P<pid>[0-9]+))?(?: (?P<status>[0-9]+))?\n"
)


class Launched(StrEnum):
    """What a launch found: the command was started now, or its key was taken already."""

    STARTED = "started"
    ALREADY_THERE = "exists"


class ProbeState(StrEnum):
    """What has become of a launched command.

    `ABSENT`: never launched. `STARTING`: claimed, not begun yet (or its start was interrupted).
    `RUNNING`, `ENDED` (with a status). `VANISHED`: no process and no status; with no pid it never began.
    """

    ABSENT = "absent"
    STARTING = "starting"
    RUNNING = "running"
    ENDED = "ended"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class Probe:
    """One look at a launched command. `status` is the number the host's shell reported, as seen.

    Death by a signal is 128 + signal in most shells and 256 + signal in ksh93.
    """

    state: ProbeState
    pid: int | None = None
    status: int | None = None


class Runs(Protocol):
    """What the launcher needs of a connection."""

    endpoint: Endpoint

    def run(
        self, command: Command, *, deadline_s: float, stdin: bytes = b"", tick: Tick | None = None
    ) -> Result:
        """Run one command, as `Connection.run` does."""


def directory(endpoint: Endpoint, key: str) -> str:
    """The directory of a key on the host. Raises Invalid for a key that cannot name one."""
    if not _KEY.fullmatch(key):
        raise Invalid(f"{key!r} cannot name a launched command.", remedy="Use A-Z a-z 0-9 . _ - only.")
    return f"{endpoint.launcher_dir}/{key}"


def launch(connection: Runs, key: str, command: Command, *, shell: str = "sh") -> Launched:
    """Start a command detached, unless its key was ever launched on this host.

    The text travels on standard input into a file, so nothing is quoted twice. After any error it is
    safe to call again with the same key: the command begins at most once. `shell` runs the launcher,
    its watcher and the command. Raises RemoteFailure, DeadlineExceeded or ContactLost.
    """
    text = f"{command.wire()}\n".encode()
    words = launch_words(connection.endpoint, key, length=len(text), shell=shell)
    result = connection.run(Command(words), deadline_s=HELPER_S, stdin=text)
    said = result.stdout.decode("ascii", "replace").strip()
    if result.status != 0 or said not in tuple(Launched):
        raise _failed(connection, "launch a command", result)
    return Launched(said)


def launch_words(endpoint: Endpoint, key: str, *, length: int, shell: str) -> tuple[str, ...]:
    """The words of the launcher's own command, which takes `length` bytes of text on its input."""
    directory(endpoint, key)
    return (shell, "-c", _LAUNCH, shell, endpoint.launcher_dir, key, str(length), shell)


def probe(connection: Runs, key: str, *, shell: str = "sh", tick: Tick | None = None) -> Probe:
    """What has become of a key's command. Changes nothing on the host."""
    place = directory(connection.endpoint, key)
    result = connection.run(Command((shell, "-c", _PROBE, shell, place)), deadline_s=HELPER_S, tick=tick)
    return _read(connection, result)


def lengths(connection: Runs, key: str, *, shell: str = "sh") -> dict[Stream, int]:
    """How many bytes a key's command has printed on each stream by now."""
    place = directory(connection.endpoint, key)
    result = connection.run(Command((shell, "-c", _LENGTHS, shell, place)), deadline_s=HELPER_S)
    words = result.stdout.split()
    if result.status != 0 or len(words) != 2:
        raise _failed(connection, "look at a command's output", result)
    return {"stdout": int(words[0]), "stderr": int(words[1])}


def stop(connection: Runs, key: str, *, grace_s: int = 10, shell: str = "sh") -> Probe:
    """End a key's command: SIGTERM to its process group, SIGKILL after `grace_s`; then look again.

    One that has not begun is kept from ever beginning (vanished, without pid). An ended one gets no
    signal. The answer is what was seen afterwards: only ended or vanished mean that it is over.
    """
    place = directory(connection.endpoint, key)
    words = (shell, "-c", _STOP, shell, place, str(grace_s))
    return _read(connection, connection.run(Command(words), deadline_s=HELPER_S + grace_s))


def _read(connection: Runs, result: Result) -> Probe:
    answer = _ANSWER.fullmatch(result.stdout.decode("ascii", "replace"))
    if result.status != 0 or not answer:
        raise _failed(connection, "look at a launched command", result)
    pid, status = answer["pid"], answer["status"]
    return Probe(ProbeState(answer["state"]), int(pid) if pid else None, int(status) if status else None)


def _failed(connection: Runs, doing: str, result: Result) -> TransportError:
    """Why a helper's answer is of no use: without an exit status its connection broke on the way."""
    if result.status is None:
        return ContactLost(connection.endpoint.name, f"it did not say whether it could {doing}.")
    said = (result.stderr or result.stdout).decode("utf-8", "replace").strip()
    return RemoteFailure(
        connection.endpoint.name,
        f"could not {doing} in {connection.endpoint.launcher_dir} (status {result.status}): {said[:500]}",
        status=result.status,
        remedy="Check that the directory can be written, has space, and that the login shell is POSIX.",
    )
