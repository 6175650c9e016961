"""Machines that are not the lab: OpenSSH's sshd, a real shell in a root directory of its own, canned
answers of other systems, and small shell programs for what changes.

A machine is a file `hosts/NAME.yaml`: `shell`, `sftp`, `crlf`, `sshd` (lines of sshd_config), `files`,
`programs` (of `programs/`), and `answers`: the exact command line, and what it prints (standard output,
or a mapping with `stdout`, `stderr`, `status`). A phase's own answers stand under its name (`moving`,
`after`) and go before; the phase is what the file /state/phase of the machine says. A command that has
no answer is refused as unknown, a program that has none is not there.
"""

import contextlib
import os
import re
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ssh_server import OpenSsh, openssh_server
from tests.yaml_data import load

HERE = Path(__file__).parent
PATH = "/usr/bin:/etc:/usr/sbin:/usr/ucb:/usr/bin/X11:/sbin:/usr/java8_64/jre/bin"
TOOLS = (
    "awk",
    "cat",
    "chmod",
    "cp",
    "date",
    "dd",
    "grep",
    "mkdir",
    "mv",
    "nohup",
    "printf",
    "rm",
    "sed",
    "sleep",
    "touch",
    "tr",
    "wc",
)
AS_THEY_ARE = ("awk", "chmod", "cp", "dd", "mkdir", "mv", "nohup", "printf", "rm", "sed", "sleep", "tr", "wc")
SFTP_SERVER = "/usr/lib/openssh/sftp-server"
PHASES = ("moving", "after")
GIVE = """#!/usr/bin/sh
read -r phase </state/phase
place=/answers
[ -f "/answers/$phase/$1.status" ] && place=/answers/$phase
/tools/cat "$place/$1.out"
/tools/cat "$place/$1.err" >&2
read -r status <"$place/$1.status"
exit "$status"
"""


@dataclass
class Machine:
    """A running machine. `root` is its root directory; `/state` in it holds what it remembers."""

    name: str
    root: Path
    server: OpenSsh

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the host key that a client is given first."""
        return self.server.pinned

    def state(self, name: str) -> str:
        """One thing that the machine remembers, empty if it does not."""
        path = self.root / "state" / name
        return path.read_text() if path.exists() else ""

    def remember(self, name: str, value: str) -> None:
        """Change what the machine remembers, in place."""
        (self.root / "state" / name).write_text(value)

    def commands(self) -> list[str]:
        """The command lines that came over SSH, in order."""
        return self.state("commands").split("\0\n")[:-1]


def description(name: str, **changes: Any) -> dict[str, Any]:
    """What a machine's file says, on top of that of its `base`, with changes; see `merged`."""
    told = dict(load(HERE / "hosts" / f"{name}.yaml"))
    base = told.pop("base", "")
    return merged(merged(description(base), told) if base else told, changes)


def merged(told: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A description with changes: mappings are merged, and None takes an entry out."""
    result = dict(told)
    for key, value in changes.items():
        if isinstance(value, dict):
            both = {**told.get(key, {}), **value}
            result[key] = {entry: said for entry, said in both.items() if said is not None}
        else:
            result[key] = value
    return result


@contextlib.contextmanager
def machine(place: Path, name: str, told: dict[str, Any]) -> Iterator[Machine]:
    """Build a machine below `place` and let its sshd listen on a free port of loopback."""
    if os.geteuid() != 0:
        raise RuntimeError("These machines need root for chroot(2) and mknod(2): run the suite as root.")
    root = place / "root"
    _furnish(root, told["shell"])
    _program(root, "/answers/give", GIVE)
    _answer(root, told)
    for program, where in told.get("programs", {}).items():
        _program(root, where, (HERE / "programs" / program).read_text(encoding="utf-8"))
    for path, content in told.get("files", {}).items():
        _write(root, path, content)
    shell = f'/usr/sbin/chroot {root} /usr/bin/ksh -c "$SSH_ORIGINAL_COMMAND"'
    lines = [
        f"ForceCommand printf '%s\\0\\n' \"$SSH_ORIGINAL_COMMAND\" >>{root}/state/commands; "
        f"exec /usr/bin/env -i PATH={PATH} HOME=/ LOGNAME=root {shell}",
        *told.get("sshd", []),
    ]
    if told.get("sftp", True):
        lines.append(f"Subsystem sftp {SFTP_SERVER}")
    with openssh_server(place / "sshd", *lines, sftp=False) as server:
        running = Machine(name, root, server)
        with _standing_still(running):
            yield running


@contextlib.contextmanager
def _standing_still(running: Machine) -> Iterator[None]:
    """While /state/blackout is there, sessions of the machine are stopped: 2 s, as in a real blackout."""
    over = threading.Event()

    def watch() -> None:
        blackout = running.root / "state" / "blackout"
        while not over.wait(0.05):
            if blackout.exists():
                running.server.freeze(2.0)
                blackout.unlink()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


def _furnish(root: Path, shell: str) -> None:
    """What every machine has: a shell, a few tools with their libraries, /dev/null, an account."""
    for folder in (
        "tools",
        "usr/bin",
        "usr/sbin",
        "usr/lib/openssh",
        "dev",
        "etc",
        "state",
        "tmp",
        "answers",
    ):
        (root / folder).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    real = shutil.which(shell)
    assert real, f"{shell} is not installed"
    binaries = {f"/tools/{tool}": shutil.which(tool) or tool for tool in TOOLS}
    binaries |= {"/usr/bin/ksh": real, "/usr/bin/sh": real, SFTP_SERVER: SFTP_SERVER}
    for target, source in binaries.items():
        shutil.copy2(source, root / target[1:])
        for library in _libraries(source):
            if not (root / library[1:]).exists():
                (root / library[1:]).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(library, root / library[1:])
    for tool in AS_THEY_ARE:
        (root / "usr/bin" / tool).symlink_to(f"/tools/{tool}")
    _make_null(root / "dev/null")
    _write(root, "/etc/passwd", "root:!:0:0::/:/usr/bin/ksh\n")
    _write(root, "/state/phase", "before\n")
    _write(root, "/state/commands", "")


def _make_null(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        path.chmod(0o666)
        path.write_bytes(b"x")
    except OSError as error:
        raise RuntimeError(
            f"{path} cannot be made: these machines need devices below {path.parent}."
        ) from error


def _libraries(binary: str) -> list[str]:
    listed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    return re.findall(r"(/\S+) \(0x", listed)


def _answer(root: Path, told: dict[str, Any]) -> None:
    """Lay the answers down, and a program for each that is no program of its own."""
    own = told.get("programs", {})
    programs: dict[str, list[str]] = {}
    for phase in ("answers", *PHASES):
        place = root / "answers" / (phase if phase in PHASES else "")
        place.mkdir(exist_ok=True)
        for command, said in told.get(phase, {}).items():
            given = {"stdout": said} if isinstance(said, str) else said
            name = file_name(command)
            assert not (place / f"{name}.out").exists(), command
            out, err = given.get("stdout", ""), given.get("stderr", "")
            if told.get("crlf"):
                out, err = out.replace("\n", "\r\n"), err.replace("\n", "\r\n")
            (place / f"{name}.out").write_bytes(out.encode())
            (place / f"{name}.err").write_bytes(err.encode())
            (place / f"{name}.status").write_text(f"{given.get('status', 0)}\n")
            program, _, words = command.partition(" ")
            programs.setdefault(program, []).append(words)
    for program, known in programs.items():
        if program not in own:
            where = program if program.startswith("/") else f"/usr/bin/{program}"
            _program(root, where, _teller(program, dict.fromkeys(known)))


def _teller(program: str, known: dict[str, None]) -> str:
    cases = "".join(
        f"{_quoted(words)}) exec /answers/give {file_name(f'{program} {words}'.strip())} ;;\n"
        for words in known
    )
    refused = f'*) echo "{program}: 0000-000 Unknown arguments: $*" >&2; exit 95 ;;'
    return f'#!/usr/bin/sh\ncase "$*" in\n{cases}{refused}\nesac\n'


def file_name(command: str) -> str:
    """The name under which a command line's answer is kept; programs of ours use it too."""
    return re.sub(r"[^A-Za-z0-9.+=-]+", "_", command)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _program(root: Path, path: str, text: str) -> None:
    _write(root, path, text)
    (root / path[1:]).chmod(0o755)


def _write(root: Path, path: str, text: str) -> None:
    target = root / path[1:]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
