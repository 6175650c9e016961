"""`nim -o cust`: a client installs from an lpp_source, classically or by Live Update."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from inventory.lab.commands.aix.reboot import reboot
from inventory.lab.commands.call import Call
from inventory.lab.commands.nim.client import ClientCall, authenticated, begin, mounted, reachable
from inventory.lab.liveupdate import datafile, nim_method
from inventory.lab.world.frame import NimObject
from inventory.lab.world.model import Progress

READY = "ready for a NIM operation"
BUSY = "customization is being performed"


class Refusal(Exception):
    """NIM does not begin the operation; the text is the inner line of what it prints."""


async def cust(call: Call, client: str, attributes: Mapping[str, str]) -> int:
    """Customize a client; what it begins there goes on without the master."""
    live = attributes.get("live_update") == "yes"
    try:
        _may_begin(call, client, attributes)
        location = _location(call, attributes)
        data = _live_update_data(call, client, attributes) if live else ""
    except Refusal as refusal:
        call.err('0042-001 nim: processing error encountered on "master":')
        return call.fail(f"   {refusal}")
    one = call.world.nim.objects[client]
    allocate(call, one, attributes)
    one.attributes["Cstate"], one.attributes["prev_state"] = BUSY, READY
    there, task = _begin(call, client, attributes, location, data)
    moves = live and not _previews(attributes)
    watch = asyncio.ensure_future(_reboot_in_the_middle(call, client, task, moves=moves))
    try:
        status = await asyncio.shield(task)
        if not status:
            await watch
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
        status = call.fail("0042-006 m_cust: (From_Master) the connection to the client was lost")
    finally:
        watch.cancel()
    return _end(call, client, attributes, there, status)


def _begin(
    call: Call, client: str, attributes: Mapping[str, str], location: str, data: str
) -> tuple[ClientCall, "asyncio.Task[int]"]:
    """Mount, hand over the data file and the HMC's session, start; all ends with the client's command."""
    live = attributes.get("live_update") == "yes"
    around = ExitStack()
    media = around.enter_context(mounted(call, client, location)) if location else ""
    if live:
        (call.lab.root_of(client) / datafile.PATH).write_text(data)
        around.enter_context(authenticated(call, client, _hmc_user(call, client)))
    argv = _client_argv(attributes, media, licences=_licences(call, client, attributes))
    there, task = begin(call, client, argv)
    task.add_done_callback(lambda _: around.close())
    return there, task


def _client_argv(attributes: Mapping[str, str], media: str, *, licences: bool) -> list[str]:
    """What NIM's method starts on the client."""
    live = attributes.get("live_update") == "yes"
    preview = _previews(attributes)
    words = ["geninstall", "-k"] if live else ["install_all_updates"]
    words += ["-p"] if preview else []
    words += ["-Y"] if licences else []
    if media:
        what = attributes.get("filesets", "").split() or (["update_all"] if live else [])
        words += ["-d", media, *what]
    return words


def _licences(call: Call, client: str, attributes: Mapping[str, str]) -> bool:
    """Whether geninstall is told that licences are accepted (P4)."""
    level = call.world.lpars[client].level
    method = call.lab.root_of(client) / nim_method.PATH.lstrip("/")
    hit = "nim_licence" in call.lab.faults.of(client) or nim_method.defective(level)
    patched = method.exists() and "-k -Y" in method.read_text()
    live = attributes.get("live_update") == "yes"
    return attributes.get("accept_licenses") == "yes" or patched or (live and not hit)


def _location(call: Call, attributes: Mapping[str, str]) -> str:
    """The directory of the lpp_source, empty where none is given."""
    name = attributes.get("lpp_source", "")
    if not name:
        if attributes.get("live_update") != "yes":
            raise Refusal('0042-022 m_cust: the "lpp_source" attribute is required')
        return ""
    return _resource(call, name, "lpp_source").attributes["location"]


def _live_update_data(call: Call, client: str, attributes: Mapping[str, str]) -> str:
    """The text of the file behind the resource, which one client at a time may have."""
    name = attributes.get("live_update_data", "")
    if not name:
        raise Refusal('0042-022 m_cust: the "live_update_data" attribute is required')
    one = _resource(call, name, "live_update_data")
    if one.attributes.get("alloc_count", "0") != "0" or "lud_busy" in call.lab.faults.of(client):
        raise Refusal(f'0042-207 m_cust: Unable to allocate the {name} resource to "{client}".')
    file = call.lab.root_of(call.host) / one.attributes["location"].lstrip("/")
    if not file.exists():
        raise Refusal(f'0042-158 m_cust: unable to access {one.attributes["location"]} on "master"')
    return file.read_text()


def _resource(call: Call, name: str, kind: str) -> NimObject:
    one = call.world.nim.objects.get(name)
    if one is None or one.type != kind:
        raise Refusal(f'0042-053 m_cust: there is no NIM object named "{name}"')
    if one.attributes.get("Rstate") != "ready for use":
        raise Refusal(f'0042-207 m_cust: Unable to allocate the {name} resource to "master".')
    return one


def _may_begin(call: Call, client: str, attributes: Mapping[str, str]) -> None:
    one = call.world.nim.objects[client]
    if one.attributes.get("Cstate") != READY:
        raise Refusal(f'0042-051 m_cust: the state of "{client}" prevents this operation from succeeding')
    if not reachable(call, client):
        raise Refusal("0042-006 m_cust: (From_Master) connect Connection timed out")
    if attributes.get("live_update") == "yes":
        _check_identity(call, client, one.attributes.get("mgmt_profile1", ""))


def _check_identity(call: Call, client: str, profile: str) -> None:
    """The partition that the profile names has to be the client's (RQ-057)."""
    _, number, source = [*profile.split(), "", "", ""][:3]
    partition = call.world.partition_of(call.world.lpars[client])
    system = call.world.nim.objects.get(source)
    serial = system.attributes.get("serial", "") if system else ""
    if number != str(partition.lpar_id) or not serial.endswith(call.world.system.serial):
        raise Refusal(
            '0042-175 m_cust: An unexpected result was returned by the "lssyscfg" command:\n'
            f"HSCL8012 The partition with ID {number or '?'} of {source or '?'} is not {client}."
        )


def _hmc_user(call: Call, client: str) -> str:
    """The user whose password the HMC object holds; empty where it holds none."""
    hmc = call.world.nim.objects[client].attributes.get("mgmt_profile1", "").partition(" ")[0]
    one = call.world.nim.objects.get(hmc)
    if one is None or not one.attributes.get("passwd_file"):
        return ""
    users = call.world.hmc.users.items()
    return next((name for name, user in users if user.taskrole == "hmcclientliveupdate"), "")


def allocate(call: Call, one: NimObject, attributes: Mapping[str, str]) -> None:
    """Have a client hold resources."""
    for kind in ("lpp_source", "live_update_data"):
        if name := attributes.get(kind, ""):
            one.attributes[kind] = name
            _count(call, name, 1)


def deallocate(call: Call, client: str, kinds: Iterable[str]) -> None:
    """Give resources back that are allocated to a client."""
    one = call.world.nim.objects[client]
    for kind in kinds:
        if name := one.attributes.pop(kind, ""):
            _count(call, name, -1)


def _count(call: Call, name: str, by: int) -> None:
    resource = call.world.nim.objects.get(name)
    if resource is not None:
        count = max(0, int(resource.attributes.get("alloc_count", "0")) + by)
        resource.attributes["alloc_count"] = str(count)


def _end(call: Call, client: str, attributes: Mapping[str, str], there: ClientCall, status: int) -> int:
    """Give the resources back, and say how it ended; a client that got stuck stays as it is."""
    one = call.world.nim.objects[client].attributes
    one.pop("err_info", None)
    one["Cstate_result"] = "failure" if status else "success"
    if not (status and "nim_stuck" in call.lab.faults.of(client)):
        one["Cstate"], one["prev_state"] = READY, BUSY
        deallocate(call, client, ("lpp_source", "live_update_data"))
    if not status:
        return 0
    live = attributes.get("live_update") == "yes"
    method, program = ("c_cust_lku", "geninstall") if live else ("c_installp", "install_all_updates")
    said = f'0042-175 {method}: An unexpected result was returned by the "/usr/sbin/{program}" command:'
    one["err_info"] = f"{said}\n{there.complaint}"
    call.err('0042-001 nim: processing error encountered on "master":')
    call.err(f'   0042-001 m_cust: processing error encountered on "{client}":')
    return call.fail(f"   {said}\n{there.complaint}")


def _previews(attributes: Mapping[str, str]) -> bool:
    return "p" in attributes.get("installp_flags", "").lstrip("-")


def _has_reached(progress: Progress, milestone: str) -> bool:
    return progress.state in ("RUNNING", "MOVED") and progress.milestone >= milestone


async def _reboot_in_the_middle(call: Call, client: str, task: "asyncio.Future[int]", *, moves: bool) -> None:
    """The fault `nim_master_reboot`: the master goes down when the client reaches a milestone.

    What runs on the master then never hears how it went, however fast the client is. Only a Live Update
    that moves the client reaches milestones: a preview and a classic installation do not.
    """
    wanted = call.lab.faults.of(call.host).get("nim_master_reboot") if moves else None
    while wanted and not task.done() and not _has_reached(call.world.lpars[client].progress, wanted):
        await asyncio.sleep(0.02)
    if wanted and not (task.done() and (task.cancelled() or task.result())):
        call.lab.faults.clear(call.host, "nim_master_reboot")
        asyncio.get_running_loop().create_task(reboot(call.lab, call.host))
        await asyncio.Event().wait()
