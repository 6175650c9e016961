"""The workload of the payroll LPARs, with its owner's command: `/opt/payroll/bin/payctl start|stop`."""

from inventory.lab.commands.aix.workload import new_pid
from inventory.lab.commands.call import Call, Kind, Usage, command
from inventory.lab.world.model import Process

PROGRAMS = ("/opt/payroll/bin/paysrv -p 7001", "/opt/payroll/bin/paybatch")


@command("/opt/payroll/bin/payctl", on=(Kind.LPAR,))
async def payctl(call: Call) -> int:
    """Stop or start every process of the payroll; each takes its time."""
    lpar = call.lpar
    running = [one for one in lpar.processes if one.command in PROGRAMS]
    faults = call.lab.faults.of(call.host)
    match call.argv[1:]:
        case ["stop"]:
            await call.sleep(10)
            if "keeps_running" in faults:
                return call.fail("payctl: paysrv does not answer")
            lpar.processes = [one for one in lpar.processes if one not in running]
        case ["start"]:
            await call.sleep(10)
            if "stays_down" in faults:
                return call.fail("payctl: paysrv does not come up")
            known = {one.command for one in running}
            for program in PROGRAMS:
                if program not in known:
                    lpar.processes.append(Process(new_pid(lpar), program, "payroll"))
        case _:
            raise Usage("Usage: payctl { start | stop }")
    return 0
