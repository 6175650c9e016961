"""The verification that a preview is, and that every run begins with."""

from collections.abc import Awaitable, Callable

from inventory.lab.commands.aix.clone import clone_seconds
from inventory.lab.commands.call import Call
from inventory.lab.liveupdate import datafile, ifix_install, logs, requirements, texts
from inventory.lab.liveupdate.ifix_install import Ifixes

Pass = Callable[[float], Awaitable[None]]


async def verify(call: Call, let_pass: Pass, ifixes: Ifixes, *, updating: bool) -> bool:
    """Print the requirement verification; true when the live update may go on."""
    root = call.lab.root_of(call.host)
    data = datafile.read(root)
    await let_pass(15)
    blackout = 60 + len(call.lpar.processes) + len(call.lpar.mounts)
    total = int(900 + 2 * clone_seconds(call.lpar))
    call.out(texts.information(call.lpar.name, data, blackout, total))
    await let_pass(45)
    failed = requirements.failures(call.lab, call.host, updating=updating and not ifixes.alone)
    failed += ifix_install.failures(call, ifixes)
    call.out(texts.verification(failed))
    call.out(texts.summary(not failed))
    logs.write_configuration(call, data)
    return not failed
