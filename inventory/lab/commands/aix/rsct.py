"""RSCT: the RMC connection to the HMC, its control, and the node's cluster configuration."""

import asyncio

from inventory.lab.commands.aix.workload import new_pid
from inventory.lab.commands.call import Call, Usage, command

BIN, INSTALL = "/usr/sbin/rsct/bin", "/usr/sbin/rsct/install/bin"
SETTLES_S = 120.0
"""How long the HMC needs to see a partition's RMC again."""


@command(f"{BIN}/rmcdomainstatus")
async def rmcdomainstatus(call: Call) -> int:
    """RMC's view of the HMC; a node of an online peer domain prints that first."""
    lpar = call.lpar
    if not lpar.subsystems["ctrmc"].pid:
        return call.fail("2612-022 A session could not be established with the RMC daemon on the local node.")
    if lpar.peer_domain:
        call.line("\nPeer Domain Status")
        call.line(f"  S S  0x{lpar.uuid.replace('-', '')[:16].lower()}  0001  {lpar.name}")
    state = "I A" if call.world.partition_of(lpar).rmc_state == "active" else "I O"
    call.line("\nManagement Domain Status: Management Control Points")
    call.line(f"  {state}  0x7edb4439af21a36f  0001  {call.world.hmc.address}")
    return 0


@command(f"{BIN}/rmcctrl")
async def rmcctrl(call: Call) -> int:
    """Stop (-z), add and start (-A), allow remote clients (-p); silent."""
    options, _ = call.options("zAapPsk")
    lpar = call.lpar
    rmc = lpar.subsystems["ctrmc"]
    if "z" in options or "k" in options:
        rmc.pid = 0
        call.world.partition_of(lpar).rmc_state = "inactive"
    elif "A" in options or "s" in options:
        rmc.pid = rmc.pid or new_pid(lpar)
        lpar.rmc_trouble = "" if lpar.rmc_trouble == "restart" else lpar.rmc_trouble
        _settle(call)
    elif "p" in options or "P" in options:
        lpar.rmc_remote = "p" in options
        _settle(call)
    return 0


@command(f"{BIN}/lsrpdomain")
async def lsrpdomain(call: Call) -> int:
    """Peer domains; silent without any."""
    if call.lpar.peer_domain:
        call.line("Name       OpState RSCTActiveVersion MixedVersions TSPort GSPort ")
        call.line(f"{call.lpar.peer_domain:<10} Online  3.2.6.3           No            12347  12348  ")
    return 0


@command("/usr/sbin/lscluster")
async def lscluster(call: Call) -> int:
    """Cluster Aware AIX (-c)."""
    if not call.lpar.cluster_state:
        return call.fail("lscluster: Cluster services are not active.")
    call.line(f"Cluster Name: {call.lpar.name}_cluster\nNumber of nodes in cluster = 2")
    return 0


@command(f"{INSTALL}/uncfgct")
async def uncfgct(call: Call) -> int:
    """Take the node's cluster configuration away (-n)."""
    options, _ = call.options("n")
    if "n" not in options:
        raise Usage("Usage: uncfgct -n")
    if refused := _clustered(call):
        return refused
    call.lpar.subsystems["ctrmc"].pid = 0
    call.world.partition_of(call.lpar).rmc_state = "inactive"
    return 0


@command(f"{INSTALL}/recfgct")
async def recfgct(call: Call) -> int:
    """Make the node's identity and keys anew; remote clients are shut out until rmcctrl -p."""
    if refused := _clustered(call):
        return refused
    await call.sleep(60)
    lpar = call.lpar
    rmc = lpar.subsystems["ctrmc"]
    rmc.pid, lpar.rmc_trouble, lpar.rmc_remote = new_pid(lpar), "", False
    call.err("2610-656 Could not obtain information about the cluster: fcanderror")
    call.line("0513-071 The ctcas Subsystem has been added.")
    call.line("0513-071 The ctrmc Subsystem has been added.")
    call.line(f"0513-059 The ctrmc Subsystem has been started. Subsystem PID is {rmc.pid}.")
    return 0


def _clustered(call: Call) -> int:
    if not call.lpar.peer_domain:
        return 0
    return call.fail("Cannot run if an online Peer Domain exists (see output of lsrpdomain).")


def _settle(call: Call) -> None:
    """The HMC sees a healthy RMC after a while."""
    lpar = call.lpar

    async def seen() -> None:
        await call.lab.sleep(SETTLES_S)
        if lpar.subsystems["ctrmc"].pid and lpar.rmc_remote and not lpar.rmc_trouble:
            call.world.partition_of(lpar).rmc_state = "active"
            call.lab.touch()

    asyncio.get_running_loop().create_task(seen())
