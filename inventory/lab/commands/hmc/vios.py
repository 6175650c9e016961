"""`viosvrcmd`: commands that the HMC passes to a VIOS."""

import re

from inventory.lab.commands.call import Call, Kind, command
from inventory.lab.layout import niminfo
from inventory.lab.world.frame import Partition

HMC = (Kind.HMC,)
FIREWALL = re.compile(r"viosecure -firewall allow -port (\d+) -address (\S+)( -remote)?")
REMOTE = re.compile(r"remote_management -interface (en\d+) (\S+)")
NIMINIT = re.compile(r"niminit .*-a master=(\S+) .*-a name=(\S+)")


@command("viosvrcmd", on=HMC)
async def viosvrcmd(call: Call) -> int:
    """A command on a VIOS, as padmin, or as root with --admin."""
    name = call.argv[call.argv.index("-p") + 1] if "-p" in call.argv[:-1] else ""
    vios = call.world.system.partition(name)
    if vios is None or vios.env != "vioserver":
        return call.fail(
            "HSCL8011 The partition was not found. Please check your entry and retry the command."
        )
    text = call.argv[-1]
    if "ioslevel" in text:
        call.line(f"{vios.ios_level}\n")
    elif text == "cat /etc/niminfo" and vios.nim_master:
        call.out(niminfo(vios.name, Kind.LPAR, vios.nim_master))
    elif rule := FIREWALL.fullmatch(text):
        vios.open_ports.append(f"{rule[1]} {rule[2]}{rule[3] or ''}")
    elif remote := REMOTE.fullmatch(text):
        return _register(call, vios, remote[2])
    elif "--admin" in call.argv and (initialised := NIMINIT.fullmatch(text)):
        call.line("nimsh:2:wait:/usr/bin/startsrc -g nimclient >/dev/console 2>&1")
        call.line("0513-059 The nimsh Subsystem has been started. Subsystem PID is 31260968.")
        return _register(call, vios, initialised[1])
    else:
        return call.fail("HSCL2970 The IOServer command has failed because of the following reason: \nrc=127")
    return 0


def _register(call: Call, vios: Partition, master: str) -> int:
    if master != call.world.nim.name:
        return call.fail(f"HSCL2970 The IOServer command has failed: unknown host {master}")
    vios.nim_master = master
    return 0
