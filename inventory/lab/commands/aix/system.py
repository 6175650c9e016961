"""The partition itself: `uname`, `hostname`, `lparstat`, `prtconf`, `errpt`, RMC, and small reads."""

import time

from inventory.lab.commands.aix.text import errpt_time
from inventory.lab.commands.call import Call, command
from inventory.lab.world.model import ErrorEntry

FULL_TYPES = {"I": "INFO", "T": "TEMP", "P": "PERM", "U": "UNKN"}


@command("/usr/bin/uname")
async def uname(call: Call) -> int:
    """Names and numbers of the system."""
    lpar = call.lpar
    system = call.world.system
    values = {
        "s": "AIX",
        "n": lpar.name,
        "r": lpar.level[1],
        "v": lpar.level[0],
        "p": "powerpc",
        "m": lpar.machine_id,
        "M": f"IBM,{system.type_model}",
        "u": f"IBM,02{system.serial}",
        "L": f"{lpar.partition_id} {lpar.name}",
        "W": "0",
    }
    options, _ = call.options("".join(values) + "aF")
    wanted = (
        ["s", "n", "r", "v", "m"] if "a" in options else [flag for flag in values if flag in options] or ["s"]
    )
    call.line(" ".join(values[flag] for flag in wanted))
    return 0


@command("/usr/bin/hostname")
async def hostname(call: Call) -> int:
    """The host's name."""
    call.line(call.lpar.name)
    return 0


@command("/usr/bin/host")
async def host(call: Call) -> int:
    """Addresses of the estate's hosts."""
    world = call.world
    known = {world.hmc.name: world.hmc.address, world.nim.name: world.nim.address}
    known |= {lpar.name: lpar.address for lpar in world.lpars.values()}
    name = call.argv[-1]
    if name not in known:
        return call.fail(f"host: 0827-801 Host name {name} does not exist.")
    call.line(f"{name} is {known[name]}")
    return 0


@command("/usr/bin/lparstat")
async def lparstat(call: Call) -> int:
    """`-i`: the partition's configuration."""
    options, _ = call.options("iEH")
    if "i" not in options:
        return call.fail("lparstat: only -i is simulated")
    lpar = call.lpar
    part = call.world.partition_of(lpar)
    rows = {
        "Node Name": lpar.name,
        "Partition Name": lpar.name,
        "Partition Number": lpar.partition_id,
        "Type": f"Shared-SMT-{lpar.smt}",
        "Mode": "Uncapped",
        "Entitled Capacity": f"{part.units:.2f}",
        "Partition Group-ID": 32768 + lpar.partition_id,
        "Shared Pool ID": 0,
        "Online Virtual CPUs": part.procs,
        "Maximum Virtual CPUs": part.procs_max,
        "Minimum Virtual CPUs": part.procs_min,
        "Online Memory": f"{part.mem} MB",
        "Maximum Memory": f"{part.mem_max} MB",
        "Minimum Memory": f"{part.mem_min} MB",
        "Variable Capacity Weight": 128,
        "Minimum Capacity": f"{part.units_min:.2f}",
        "Maximum Capacity": f"{part.units_max:.2f}",
        "Capacity Increment": "0.01",
        "Maximum Physical CPUs in system": int(call.world.system.units),
        "Active Physical CPUs in system": int(call.world.system.units),
        "Active CPUs in Pool": int(call.world.system.units),
        "Shared Physical CPUs in system": int(call.world.system.units),
        "Maximum Capacity of Pool": int(call.world.system.units * 100),
        "Entitled Capacity of Pool": 450,
        "Unallocated Capacity": "0.00",
        "Physical CPU Percentage": f"{part.units * 100 / part.procs:.2f}%",
        "Unallocated Weight": 0,
        "Memory Mode": "Dedicated",
        "Total I/O Memory Entitlement": "-",
        "Variable Memory Capacity Weight": "-",
        "Memory Pool ID": "-",
        "Physical Memory in the Pool": "-",
        "Hypervisor Page Size": "-",
        "Unallocated Variable Memory Capacity Weight": "-",
        "Unallocated I/O Memory entitlement": "-",
        "Memory Group ID of LPAR": "-",
        "Desired Virtual CPUs": part.procs,
        "Desired Memory": f"{part.mem} MB",
        "Desired Variable Capacity Weight": 128,
        "Desired Capacity": f"{part.units:.2f}",
        "Target Memory Expansion Factor": "-",
        "Target Memory Expansion Size": "-",
        "Power Saving Mode": "Disabled",
    }
    french = {"Partition Number": "Numéro de partition", "Entitled Capacity": "Capacité autorisée"}
    for label, value in rows.items():
        text = str(value).replace(".", ",") if call.french else str(value)
        call.line(f"{(french.get(label, label) if call.french else label):<43}: {text}")
    return 0


@command("/usr/sbin/prtconf", "/usr/sbin/lsconf")
async def prtconf(call: Call) -> int:
    """The head of the configuration report."""
    lpar, system = call.lpar, call.world.system
    part = call.world.partition_of(lpar)
    await call.sleep(3)
    call.line(f"System Model: IBM,{system.type_model}\nMachine Serial Number: {system.serial}")
    call.line(
        "Processor Type: PowerPC_POWER9\nProcessor Implementation Mode: POWER 9\nProcessor "
        "Version: PV_9_Compat"
    )
    call.line(
        f"Number Of Processors: {part.procs}\nProcessor Clock Speed: 3900 MHz\nCPU Type: "
        "64-bit\nKernel Type: 64-bit"
    )
    call.line(
        f"LPAR Info: {lpar.partition_id} {lpar.name}\nMemory Size: {part.mem} MB\nGood Memory "
        f"Size: {part.mem} MB"
    )
    call.line(
        f"Platform Firmware level: {system.firmware}\nFirmware Version: IBM,FW950.40 ({system.firmware})\n"
        "Console Login: enable"
    )
    return 0


@command("/usr/sbin/lsmcode")
async def lsmcode(call: Call) -> int:
    """`-c`: the firmware images of the system."""
    image = call.world.system.firmware
    call.line(f"The current permanent system firmware image is {image}")
    call.line(f"The current temporary system firmware image is {image}")
    call.line("The system is currently booted from the temporary firmware image.")
    return 0


@command("/usr/sbin/vmo")
async def vmo(call: Call) -> int:
    """A tunable of virtual memory (-o NAME): only large pages."""
    options, _ = call.options("o:")
    if options.get("o") != "lgpg_regions":
        return call.fail(f"vmo: 1485-109 Invalid tunable name {options.get('o', '')}")
    call.line(f"lgpg_regions = {call.lpar.large_pages}")
    return 0


@command("/usr/bin/openssl")
async def openssl(call: Call) -> int:
    """`s_client -connect HMC:12443`: whether the HMC's port answers."""
    down = call.lab.faults.silences(call.world.hmc.name)
    if call.argv[1:3] != ["s_client", "-connect"]:
        return call.fail("openssl: only s_client -connect is simulated")
    if down or not call.lpar.reaches_console:
        return call.fail("connect: Connection refused\nconnect:errno=79")
    call.line("CONNECTED(00000003)\n---\nCertificate chain\n 0 s:CN = hmc01\n   i:CN = hmc01\n---")
    return 0


@command("/usr/bin/errpt")
async def errpt(call: Call) -> int:
    """The error log, newest first; filters -s, -N, -T, -j; details with -a."""
    options, _ = call.options("as:e:N:T:j:J:d:")
    chosen = [entry for entry in reversed(call.lpar.errors) if _wanted(entry, options)]
    if not chosen:
        return 0
    if "a" in options:
        for number, entry in enumerate(chosen):
            _detail(call, entry, 4711 + len(chosen) - number)
        return 0
    call.line("IDENTIFIER TIMESTAMP  T C RESOURCE_NAME  DESCRIPTION")
    for entry in chosen:
        call.line(
            f"{entry.identifier:<10} {errpt_time(entry.at)} {entry.type} {entry.cls} {entry.resource:<14} "
            f"{entry.description}"
        )
    return 0


def _wanted(entry: ErrorEntry, options: dict[str, str]) -> bool:
    since = options.get("s", "")
    return (
        options.get("N", entry.resource) == entry.resource
        and options.get("d", entry.cls) == entry.cls
        and options.get("T", FULL_TYPES[entry.type]) == FULL_TYPES[entry.type]
        and entry.identifier in options.get("j", entry.identifier).split(",")
        and (not since or time.mktime(time.strptime(since, "%m%d%H%M%y")) <= entry.at)
    )


def _detail(call: Call, entry: ErrorEntry, number: int) -> None:
    at = time.strftime("%a %b %e %H:%M:%S %Z %Y", time.localtime(entry.at))
    call.line("-" * 75)
    call.line(f"LABEL:          {entry.label}\nIDENTIFIER:     {entry.identifier}\n\nDate/Time:       {at}")
    call.line(
        f"Sequence Number: {number}\nMachine Id:      {call.lpar.machine_id}\nNode Id:         "
        f"{call.lpar.name}"
    )
    call.line(
        f"Class:           {entry.cls}\nType:            {FULL_TYPES[entry.type]}\nWPAR:            Global"
    )
    call.line(f"Resource Name:   {entry.resource}\n\nDescription\n{entry.description}\n")


@command("/usr/bin/who")
async def who(call: Call) -> int:
    """`-b`: when the kernel was booted."""
    if "-b" in call.argv:
        call.line(time.strftime("   .        system boot %b %d %H:%M", time.localtime(call.lpar.booted_at)))
    return 0


@command("/usr/bin/sysdumpdev")
async def sysdumpdev(call: Call) -> int:
    """Dumps: devices (-l) and the last one (-L)."""
    if "-L" in call.argv and call.lpar.dump_taken:
        call.line("0453-039\n\nDevice name:         /dev/lg_dumplv\nMajor device number: 10")
        call.line("Minor device number: 13\nSize:                183283712 bytes")
        call.line(f"Date/Time:           {call.lpar.dump_taken}\nDump status:         0")
        call.line("Type of dump:        fw-assisted\ndump completed successfully")
        return 0
    if "-L" in call.argv:
        call.line("0453-019 No previous dumps recorded.\nScanning device /dev/hd6 for existing dump.\n")
        return 0
    call.line(
        "primary              /dev/hd6\nsecondary            /dev/sysdumpnull\ncopy directory  "
        "     /var/adm/ras"
    )
    call.line(
        "forced copy flag     TRUE\nalways allow dump    TRUE\ndump compression     ON\ntype "
        "of dump         fw-assisted"
    )
    return 0


@command("/usr/sbin/snap")
async def snap(call: Call) -> int:
    """Collect Live Update's data (-U) or everything (-ac)."""
    await call.sleep(60)
    target = call.lab.root_of(call.host) / "tmp/ibmsupt"
    target.mkdir(parents=True, exist_ok=True)
    (target / "snap.pax.Z").write_bytes(b"\x1f\x9d\x90")
    call.line("Creating compressed pax file...\nStarting pax/compress process... Please wait... done.\n")
    call.line("-rw-------    1 0        0                 3 " + time.strftime("%b %d %H:%M") + " snap.pax.Z")
    return 0
