"""`ps`, `procfiles`, `kill`: the simulated processes of the host, and the real ones that its sessions run."""

import os
import pwd
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inventory.lab.commands.aix.workload import new_pid
from inventory.lab.commands.call import Call, command, now
from inventory.lab.servers.processes import host_processes
from inventory.lab.world.model import Lpar, Process, Subsystem

RESPAWNED = ("/usr/sbin/srcmstr", "/usr/sbin/cron", "/usr/sbin/getty")
"""What inittab has init start again."""
TITLES = {
    "pid": "PID",
    "ppid": "PPID",
    "pgid": "PGID",
    "user": "USER",
    "args": "COMMAND",
    "comm": "COMMAND",
    "stat": "STAT",
    "state": "S",
    "etime": "ELAPSED",
    "time": "TIME",
    "tty": "TT",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of `ps`."""

    pid: int
    ppid: int
    group: int
    user: str
    since: str
    args: str

    def field(self, name: str) -> str:
        """A column's text."""
        values = {
            "pid": self.pid,
            "ppid": self.ppid,
            "pgid": self.group,
            "user": self.user,
            "args": self.args,
            "comm": self.args.split()[0].rpartition("/")[2] if self.args else "",
            "stat": "A",
            "state": "A",
            "etime": "00:01",
            "time": "00:00:00",
            "tty": "-",
        }
        return str(values.get(name, "-"))


@command("/usr/bin/ps")
async def ps(call: Call) -> int:
    """`-e`, `-f`, `-p PIDS`, `-g GROUPS`, `-o FIELDS` (also `-o pid=`)."""
    options, _ = call.options("efAap:o:g:u:lt:")
    rows = list(_rows(call))
    if "p" in options or "g" in options:
        wanted = {int(pid) for pid in options.get("p", options.get("g", "")).replace(",", " ").split()}
        rows = [row for row in rows if (row.pid if "p" in options else row.group) in wanted]
    if "o" in options:
        _columns(call, rows, options["o"])
    elif "f" in options:
        call.line("     UID      PID     PPID   C    STIME    TTY  TIME CMD")
        for row in rows:
            call.line(f"{row.user:>8} {row.pid:>8} {row.ppid:>8}   0 {row.since:>8}      -  0:00 {row.args}")
    else:
        call.line("     PID    TTY  TIME CMD")
        for row in rows:
            call.line(f"{row.pid:>8}      -  0:00 {row.field('comm')}")
    return 0 if rows else 1


def _columns(call: Call, rows: list[Row], wish: str) -> None:
    fields = [field.partition("=") for field in wish.replace(" ", ",").split(",") if field]
    titles = [title if equals else TITLES.get(name, name.upper()) for name, equals, title in fields]
    if any(titles):
        call.line(" ".join(f"{title:>8}" for title in titles))
    for row in rows:
        cells = [row.field(name) for name, _, _ in fields]
        call.line(" ".join(f"{cell:>8}" for cell in cells))


def _rows(call: Call) -> Iterator[Row]:
    lpar = call.lpar
    controller = next((one.pid for one in lpar.processes if one.command.endswith("/srcmstr")), 1)
    for process in lpar.processes:
        yield Row(process.pid, process.ppid, process.pid, process.user, process.since, process.command)
    for name, one in lpar.subsystems.items():
        if one.pid:
            yield Row(one.pid, controller, one.pid, "root", "Oct 02", one.program or name)
    daemon = lpar.subsystems.get("sshd")
    for session in call.lab.hosts[call.host].endpoint.front.sessions:
        yield Row(
            session.pid, daemon.pid if daemon else 1, session.pid, "root", "00:00:00", "sshd: root@notty"
        )
    for there in _relayed(call):
        yield Row(there.pid, 1, there.pid, "root", "00:00:00", " ".join(there.argv))
    for pid in host_processes(call.lab.directory, call.host):
        row = _real(pid)
        if row is not None:
            yield row


def _relayed(call: Call) -> list[Call]:
    """What the NIM master runs here."""
    return [there for there in call.lab.relayed if there.host == call.host]


def _real(pid: int) -> Row | None:
    entry = Path("/proc") / str(pid)
    try:
        words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
        state, parent, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        started = entry.stat().st_mtime
    except OSError:
        return None
    if state == "Z":
        return None
    if len(words) > 2 and words[1] == "-IS":
        words = words[2:]
    if words[:2] == ["sh", "-c"] and "/" in "".join(words[3:4]):
        words = ["ksh", *words[3:]]
    args = " ".join(words).replace("\n", " ")
    today = time.strftime("%H:%M:%S", time.localtime(min(started, now())))
    return Row(pid, int(parent), int(group), pwd.getpwuid(os.getuid()).pw_name, today, args)


@command("/usr/bin/procfiles")
async def procfiles(call: Call) -> int:
    """`-n PID`: the files that a process has open."""
    _, operands = call.options("n")
    lpar = call.lpar
    known: dict[str, tuple[Process | Subsystem, str]] = {
        **{str(one.pid): (one, one.program or name) for name, one in lpar.subsystems.items() if one.pid},
        **{str(one.pid): (one, one.command) for one in lpar.processes},
    }
    if len(operands) != 1 or operands[0] not in known:
        return call.fail(f"procfiles: cannot examine {' '.join(operands)}: no such process")
    process, arguments = known[operands[0]]
    call.line(f"{process.pid} : {arguments}\n  Current rlimit: 2147483647 file descriptors")
    call.line("   0: S_IFCHR mode:00 dev:10,4 ino:4178 uid:0 gid:0 rdev:2,2\n      O_RDWR  name:/dev/null")
    if process.proc_open:
        call.line("   4: S_IFREG mode:0444 dev:10,5 ino:99 uid:0 gid:0 rdev:0,0")
        call.line(f"      O_RDONLY size:448  name:/proc/{process.pid}/psinfo")
    return 0


@command("/usr/bin/simulated_kill")
async def kill(call: Call) -> int:
    """`kill` of what is no real process: simulated ones end; subsystems become inoperative."""
    words = [word for word in call.argv[1:] if word != "--"]
    number = words.pop(0) if len(words) > 1 and words[0].startswith("-") else "-TERM"
    status = 0
    for word in words:
        if not _end(call.lpar, word, harmless=number in ("-0", "-s0")):
            status = call.fail(f"ksh: kill: {word}: 0403-003 The specified process does not exist.")
    return status


def _end(lpar: Lpar, word: str, *, harmless: bool) -> bool:
    pid = int(word) if word.isdigit() else 0
    process = next((one for one in lpar.processes if one.pid == pid), None)
    subsystem = next((one for one in lpar.subsystems.values() if pid and one.pid == pid), None)
    if harmless or (process is None and subsystem is None):
        return process is not None or subsystem is not None
    if subsystem is not None:
        subsystem.pid, subsystem.stale = 0, False
    elif process is not None and process.command.split()[0] in RESPAWNED:
        process.pid, process.stale = new_pid(lpar), False
    elif process is not None:
        lpar.processes.remove(process)
    return True
