"""The control command, as the lab answers it: faults, truth, speed."""

import json
from pathlib import Path

from inventory.lab.commands.aix.reboot import reboot
from inventory.lab.commands.call import Call
from inventory.lab.faults import FAULTS, UnknownFault
from inventory.lab.truth import executions, faults_met, read_events
from inventory.lab.world.defects import apply, defects
from inventory.lab.world.store import as_json

USAGE = (
    "fault HOST NAME[=VALUE] | clear [HOST [NAME]] | list | faults | defect LPAR NAME | defects | "
    "truth HOST | met HOST | world | speed N"
)


async def control(call: Call) -> int:
    """Answer one control invocation."""
    match call.argv[1:]:
        case ["fault", host, setting]:
            name, _, value = setting.partition("=")
            return await _fault(call, host, name, value)
        case ["clear", *which] if len(which) <= 2:
            call.lab.faults.clear(*which)
            await _apply(call, which[0] if which else "")
        case ["list"]:
            call.line(json.dumps({host: on for host, on in call.world.faults.items() if on}))
        case ["defect", lpar, name] if lpar in call.world.lpars and name in defects():
            _bring_about(call, lpar, name)
        case ["defects"]:
            call.out("".join(f"{name}\n" for name in defects()))
        case ["faults"]:
            call.out("".join(f"{fault.name:22} {fault.meaning}\n" for fault in FAULTS.values()))
        case ["truth" | "met" as what, host] if host in call.lab.hosts:
            call.line(_recorded(call.lab.hosts[host].directory / "truth.log", what))
        case ["world"]:
            call.line(as_json(call.world))
        case ["speed", speed]:
            call.lab.speed = float(speed)
        case _:
            return call.fail(f"usage: control {USAGE}", 2)
    return 0


def _recorded(log: Path, what: str) -> str:
    events = read_events(log)
    return json.dumps(executions(events) if what == "truth" else faults_met(events))


def _bring_about(call: Call, lpar: str, defect: str) -> None:
    """Change the LPAR's state, and its files with it."""
    for path, text in apply(call.world, lpar, defect).items():
        (call.lab.root_of(lpar) / path.lstrip("/")).write_text(text)
    call.lab.touch()


async def _fault(call: Call, host: str, name: str, value: str) -> int:
    try:
        call.lab.faults.set(host, name, value)
    except UnknownFault as error:
        return call.fail(str(error), 2)
    if name == "drop_connections":
        call.lab.hosts[host].endpoint.front.drop()
    elif name == "reboot":
        await reboot(call.lab, host)
    await _apply(call, host)
    return 0


async def _apply(call: Call, host: str) -> None:
    call.lab.touch()
    for name, one in call.lab.hosts.items():
        if host in ("", name):
            await one.apply_faults()
