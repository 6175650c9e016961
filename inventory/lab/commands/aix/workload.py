"""What runs: WLM, WPARs, SRC, inittab, stale libraries, kernel extensions, notification scripts."""

import re
from pathlib import Path

from inventory.lab.commands.call import Call, Usage, command
from inventory.lab.world.model import Lpar, NotificationScript

CLUSTER_MANAGER = "clstrmgrES"


@command("/usr/sbin/wlmcntrl")
async def wlmcntrl(call: Call) -> int:
    """Workload Manager: query (its status tells the mode), stop, and start in a mode."""
    lpar = call.lpar
    if "-q" in call.argv:
        text, status = {
            "stopped": ("WLM is stopped", 1),
            "passive": ("WLM is running in passive mode", 2),
            "active": ("WLM is running", 0),
        }[lpar.wlm]
        call.line(text)
        return status
    if "-o" in call.argv:
        lpar.wlm = "stopped"
    elif {"-a", "-p"} & set(call.argv):
        lpar.wlm = "active" if "-a" in call.argv else "passive"
    return 0


@command("/usr/sbin/lswpar")
async def lswpar(call: Call) -> int:
    """Workload partitions."""
    options, _ = call.options("cqa:L")
    wpars = call.lpar.wpars
    if "c" in options:
        call.out("".join(f"{name}:{state}\n" for name, state in wpars.items()))
    elif wpars:
        call.line("Name   State  Type  Hostname  Directory     RootVG WPAR")
        call.line("-" * 54)
        for name, state in wpars.items():
            call.line(f"{name:<6} {state:<6} S     {name:<9} /wpars/{name:<6} no")
    return 0


@command("/usr/sbin/stopwpar", "/usr/sbin/startwpar")
async def wpar_state(call: Call) -> int:
    """Stop or start workload partitions."""
    _, names = call.options("Fhv")
    stop = call.argv[0] == "stopwpar"
    state, refusing = ("D", "keeps_running") if stop else ("A", "stays_down")
    status = 0
    for name in names:
        if name not in call.lpar.wpars:
            status = call.fail(f"{call.argv[0]}: 0960-419 Could not find a workload partition called {name}.")
        elif refusing not in call.lab.faults.of(call.host):
            await call.sleep(20)
            call.lpar.wpars[name] = state
    return status


@command("/usr/bin/lssrc")
async def lssrc(call: Call) -> int:
    """Subsystems: all (-a), one (-s), a group (-g); -l lets the cluster manager speak for itself."""
    options, _ = call.options("als:g:")
    subsystems = call.lpar.subsystems
    if "s" in options and options["s"] not in subsystems:
        return call.fail(f"0513-085 The {options['s']} Subsystem is not on file.")
    if not options:
        raise Usage("Usage: lssrc [-h Host] {-a | -g Group_name | -s Subsystem}")
    if "l" in options and options.get("s") == CLUSTER_MANAGER:
        return _cluster_manager(call)
    call.line("Subsystem         Group            PID          Status ")
    chosen = {
        name: one
        for name, one in subsystems.items()
        if options.get("s", name) == name and options.get("g", one.group) == one.group
    }
    for name, one in sorted(chosen.items(), key=lambda item: not item[1].pid):
        status = "active" if one.pid else "inoperative"
        call.line(f" {name:<17}{one.group:<17}{one.pid or '':<13}{status}")
    return 0


def _cluster_manager(call: Call) -> int:
    if not call.lpar.subsystems[CLUSTER_MANAGER].pid:
        return call.fail(
            f"0513-036 The request could not be passed to the {CLUSTER_MANAGER} subsystem.\n"
            "Start the subsystem and try your command again."
        )
    call.line(f"Current state: {call.lpar.cluster_state}")
    call.line('CLversion: 20\nlocal node vrmf is 7240\ncluster fix level is "0"')
    if call.lpar.cluster_unmanaged:
        call.line(f"Forced down node list: {' '.join(call.lpar.cluster_unmanaged)}")
    return 0


@command("/usr/bin/stopsrc")
async def stopsrc(call: Call) -> int:
    """Ask a subsystem to stop; it does so a little later."""
    options, _ = call.options("s:g:fc")
    name = options.get("s", "")
    one = call.lpar.subsystems.get(name)
    if one is None:
        return call.fail(f"0513-085 The {name} Subsystem is not on file.")
    if not one.pid:
        return call.fail(f"0513-004 The Subsystem or Group, {name}, is currently inoperative.")
    call.line(f"0513-044 The {name} Subsystem was requested to stop.")
    if "keeps_running" not in call.lab.faults.of(call.host):
        await _become(call, name, 0)
    return 0


async def _become(call: Call, name: str, pid: int) -> None:
    """A subsystem starts or stops: at once, or while the command that asked for it is over already."""
    one = call.lpar.subsystems[name]
    front = call.lab.hosts[call.host].endpoint.front

    async def now() -> None:
        if name == "sshd":
            front.outlive(stale=one.stale)
            await front.refuse(not pid or "refuse" in call.lab.faults.of(call.host))
        one.pid, one.stale = pid, False

    async def later() -> None:
        await call.lab.sleep(one.slow_s)
        await now()
        call.lab.touch()

    if one.slow_s:
        call.lab.background(later())
    else:
        await now()


@command("/usr/bin/startsrc")
async def startsrc(call: Call) -> int:
    """Start a subsystem."""
    options, _ = call.options("s:g:a:e:")
    name = options.get("s", "")
    one = call.lpar.subsystems.get(name)
    if one is None:
        return call.fail(f"0513-085 The {name} Subsystem is not on file.")
    if one.pid:
        return call.fail(
            f"0513-029 The {name} Subsystem is already active.\nMultiple instances are not supported."
        )
    pid = new_pid(call.lpar)
    call.line(f"0513-059 The {name} Subsystem has been started. Subsystem PID is {pid}.")
    if "stays_down" not in call.lab.faults.of(call.host):
        await _become(call, name, pid)
    return 0


def new_pid(lpar: Lpar) -> int:
    """A process id that no simulated process has."""
    taken = [process.pid for process in lpar.processes] + [one.pid for one in lpar.subsystems.values()]
    return max(taken) + 65538


@command("/usr/sbin/lsitab")
async def lsitab(call: Call) -> int:
    """Entries of /etc/inittab."""
    options, names = call.options("a")
    lines = _inittab(call).read_text().splitlines()
    found = [line for line in lines if "a" in options or line.partition(":")[0] in names]
    call.out("".join(f"{line}\n" for line in found))
    return 0 if found else 1


@command("/usr/sbin/chitab", "/usr/sbin/mkitab")
async def chitab(call: Call) -> int:
    """Change or add an entry of /etc/inittab; silent."""
    _, words = call.options("i:")
    if len(words) != 1 or words[0].count(":") < 3:
        raise Usage(f'Usage: {call.argv[0]} "Identifier:Run_level:Action:Command"')
    identifier = words[0].partition(":")[0]
    lines = _inittab(call).read_text().splitlines()
    known = [line.partition(":")[0] for line in lines]
    if identifier in known:
        lines[known.index(identifier)] = words[0]
    elif call.argv[0] == "mkitab":
        lines.append(words[0])
    else:
        return call.fail(f"chitab: 0481-122 No record matching {identifier}.")
    _inittab(call).write_text("\n".join(lines) + "\n")
    return 0


@command("/usr/sbin/rmitab")
async def rmitab(call: Call) -> int:
    """Remove an entry of /etc/inittab; silent."""
    lines = _inittab(call).read_text().splitlines()
    kept = [line for line in lines if line.partition(":")[0] != call.argv[-1]]
    _inittab(call).write_text("\n".join(kept) + "\n")
    return 0 if len(kept) < len(lines) else 1


def inittab_entry(root: Path, identifier: str) -> str:
    """The entry of a host's /etc/inittab, empty without one."""
    lines = (root / "etc/inittab").read_text().splitlines()
    return next((line for line in lines if line.partition(":")[0] == identifier), "")


def _inittab(call: Call) -> Path:
    return call.lab.root_of(call.host) / "etc/inittab"


@command("/usr/bin/genld")
async def genld(call: Call) -> int:
    """`-u`: processes that still map libraries which were updated."""
    if "-u" not in call.argv:
        raise Usage("Usage: genld [ -l | -d | -u ]")
    lpar = call.lpar
    stale = [(one.pid, one.program or name) for name, one in lpar.subsystems.items() if one.pid and one.stale]
    stale += [(process.pid, process.command) for process in lpar.processes if process.stale]
    daemon = lpar.subsystems.get("sshd")
    sessions = call.lab.hosts[call.host].endpoint.front.sessions
    stale += [(one.pid, "sshd") for one in sessions if one.stale or (daemon and daemon.stale)]
    for pid, program in sorted(stale):
        name = program.split()[0].rpartition("/")[2]
        call.line(f"Proc_pid: {pid}   Proc_name: {name}")
    return 0


@command("/usr/bin/genkex")
async def genkex(call: Call) -> int:
    """Loaded kernel extensions."""
    call.line("    Text address     Size File")
    for number, path in enumerate(call.lpar.extensions):
        call.line(f"f1000000c0{0x338000 + number * 0x90000:06x}    77000 {path}")
    return 0


@command("/usr/sbin/lvupdateSafeKE")
async def safe_extensions(call: Call) -> int:
    """Kernel extensions that were declared safe."""
    options, _ = call.options("a:r:lp")
    safe = call.lpar.safe_extensions
    if "a" in options and options["a"] not in safe:
        safe.append(options["a"])
    elif "r" in options and options["r"] in safe:
        safe.remove(options["r"])
    elif "l" in options:
        call.out("".join(f"{path}\n" for path in safe))
    return 0


@command("/usr/sbin/lvupdateRegScript")
async def scripts(call: Call) -> int:
    """Notification scripts: add, remove, list."""
    options, _ = call.options("alrn:s:d:P:p:")
    registered = call.lpar.scripts
    if "l" in options:
        for one in registered:
            call.line(f"{one.side},{one.phase},{one.priority}:\n        {one.label} = {one.command}")
        return 0
    key = (options.get("n"), options.get("d"), options.get("P"))
    if "r" in options:
        kept = [one for one in registered if (one.label, one.side, one.phase) != key]
        call.lpar.scripts = kept
        return 0 if len(kept) < len(registered) else 1
    if "a" not in options or not re.fullmatch(r"10|[1-9]", options.get("p", "")):
        raise Usage(
            'Usage: lvupdateRegScript -a -n LABEL -s "SCRIPT ARGS" -d {orig|surr} -P PHASE -p {1..10}'
        )
    if any((one.label, one.side, one.phase) == key for one in registered):
        return call.fail(f"lvupdateRegScript: {options['n']} is registered already.")
    registered.append(
        NotificationScript(options["n"], options["d"], options["P"], int(options["p"]), options["s"])
    )
    return 0
