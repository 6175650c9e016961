"""An agent with commands of its own, as vendors deliver them: `/opt/zabbix/bin/agent start|stop|status`."""

from inventory.lab.commands.aix.workload import new_pid
from inventory.lab.commands.call import Call, Kind, Usage, command
from inventory.lab.world.model import Process

PROGRAM = "/opt/zabbix/sbin/zabbix_agentd -c /opt/zabbix/etc/zabbix_agentd.conf"


@command("/opt/zabbix/bin/agent", on=(Kind.LPAR,))
async def agent(call: Call) -> int:
    """It reads /proc all the time while it runs; it answers before it has ended."""
    lpar = call.lpar
    running = [one for one in lpar.processes if one.command == PROGRAM]
    faults = call.lab.faults.of(call.host)
    match call.argv[1:]:
        case ["status"]:
            call.line("zabbix_agentd is running" if running else "zabbix_agentd is not running")
            return 0 if running else 3
        case ["stop"]:
            if "keeps_running" not in faults:
                call.lab.background(_end(call, running))
        case ["start"]:
            if not running and "stays_down" not in faults:
                lpar.processes.append(
                    Process(new_pid(lpar), PROGRAM, "zabbix", proc_open=True, since="Nov 25")
                )
        case _:
            raise Usage("Usage: agent { start | stop | status }")
    return 0


async def _end(call: Call, running: list[Process]) -> None:
    await call.sleep(20)
    call.lpar.processes = [one for one in call.lpar.processes if one not in running]
    call.lab.touch()
