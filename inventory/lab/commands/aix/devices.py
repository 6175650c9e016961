"""Devices: `lsdev`, `lsattr`, `lscfg`, `cfgmgr`, `rmdev`, `mkdev`."""

from inventory.lab.commands.aix import ip_filters
from inventory.lab.commands.call import Call, command
from inventory.lab.world.model import Lpar

IPSEC = {"ipsec_v4": "IP Version 4 Security Extension", "ipsec_v6": "IP Version 6 Security Extension"}


def _class(lpar: Lpar, name: str) -> list[str]:
    lines = {
        "disk": [f"{disk:<10} Available C4-T1-01 MPIO IBM 2145 FC Disk" for disk in lpar.disks],
        "adapter": lpar.adapters,
        "tape": lpar.tapes,
        "cdrom": lpar.cdroms,
        "vlog": [f"{device} Available  Virtual Log Device" for device in lpar.virtual_logs],
        "ipsec": [f"{device} Available  {IPSEC[device]}" for device in lpar.ipsec],
        "if": [
            "en0 Available  Standard Ethernet Network Interface",
            "lo0 Available  Loopback Network Interface",
        ],
    }
    return lines.get(name, [])


@command("/usr/sbin/lsdev")
async def lsdev(call: Call) -> int:
    """Devices of a class (-c), one (-l), or all."""
    options, _ = call.options("Cc:l:Ht:s:PF:S:")
    if "c" in options:
        lines = _class(call.lpar, options["c"])
    else:
        lines = [
            line
            for name in ("adapter", "disk", "tape", "cdrom", "vlog", "ipsec", "if")
            for line in _class(call.lpar, name)
        ]
    if "l" in options:
        lines = [line for line in lines if line.split()[0] == options["l"]]
        if not lines:
            return call.fail(
                f"lsdev: 0514-521 Cannot find information in the predefined device\n"
                f"        configuration database for the customized device {options['l']}."
            )
    call.out("".join(f"{line}\n" for line in lines))
    return 0


@command("/usr/sbin/lsattr")
async def lsattr(call: Call) -> int:
    """Attributes of a disk."""
    options, _ = call.options("El:a:F:OH")
    disk = call.lpar.disks.get(options.get("l", ""))
    if disk is None:
        return call.fail(
            f"lsattr: 0514-519 The following device was not found in the customized\n"
            f"        device configuration database:\n        {options.get('l', '')}"
        )
    rows = {
        "PCM": ("PCM/friend/fcpother", "Path Control Module", "False"),
        "algorithm": ("shortest_queue", "Algorithm", "True+"),
        "pvid": (f"{disk.pvid}0000000000000000", "Physical volume identifier", "False"),
        "queue_depth": ("20", "Queue DEPTH", "True+"),
        "reserve_policy": (disk.reserve_policy, "Reserve Policy", "True+"),
        "unique_id": (
            f"33213600507680{disk.pvid.upper()}04214503IBMfcp",
            "Unique device identifier",
            "False",
        ),
    }
    for name, (value, description, settable) in rows.items():
        if options.get("a", name) == name:
            call.line(f"{name:<15} {value:<33} {description:<27} {settable}")
    return 0


@command("/usr/sbin/lscfg")
async def lscfg(call: Call) -> int:
    """Installed resources, in short."""
    call.line("INSTALLED RESOURCE LIST\n\nThe following resources are installed on the machine.")
    for line in (*call.lpar.adapters, *_class(call.lpar, "disk")):
        name, _, rest = line.partition(" ")
        call.line(f"+ {name:<16} {rest.strip()}")
    return 0


@command("/usr/sbin/cfgmgr")
async def cfgmgr(call: Call) -> int:
    """Look for devices; finds the disks that were mapped since."""
    await call.sleep(10)
    call.lpar.disks |= call.lpar.mapped
    call.lpar.mapped = {}
    if "-v" in call.argv:
        call.line("cfgmgr is running in phase 2\n----------------\nAttempting to configure device 'sys0'")
        call.line(
            "Invoking /usr/lib/methods/cfgsys -2 -l sys0\nNumber of running methods: 0\n"
            "Configuration time: 1 seconds"
        )
    return 0


@command("/usr/sbin/rmdev")
async def rmdev(call: Call) -> int:
    """Remove an IPsec, optical or tape device."""
    options, _ = call.options("dl:R")
    name = options.get("l", "")
    lpar = call.lpar
    if name in lpar.ipsec:
        if name[-1] in lpar.filters_in_force:
            return call.fail(
                "Method error (/usr/lib/methods/ucfgdevice):\n"
                "        0514-062 Cannot perform the requested function because the\n"
                "                 specified device is busy."
            )
        lpar.ipsec.remove(name)
        ip_filters.removed(lpar, name[-1])
    else:
        for lines in (lpar.cdroms, lpar.tapes):
            found = [line for line in lines if line.split()[0] == name]
            if found:
                lines.remove(found[0])
                break
        else:
            return call.fail(
                f"rmdev: 0514-519 The following device was not found in the customized\n"
                f"        device configuration database:\n        {name}"
            )
    call.line(f"{name} {'deleted' if 'd' in options else 'Defined'}")
    return 0


@command("/usr/sbin/mkdev")
async def mkdev(call: Call) -> int:
    """Make an IPsec device again."""
    options, _ = call.options("c:t:l:s:")
    name = f"ipsec_v{options.get('t', '')}"
    if options.get("c") != "ipsec" or name not in IPSEC:
        return call.fail("mkdev: 0514-511 Only IPsec devices can be made here.")
    if name not in call.lpar.ipsec:
        call.lpar.ipsec = sorted([*call.lpar.ipsec, name])
    call.line(f"{name} Available")
    return 0
