"""`nim -o OPERATION`: what they tell, and how the NIM database is changed."""

from collections.abc import Callable, Mapping

from inventory.lab.commands.aix.software import show_filesets
from inventory.lab.commands.call import Call, Kind, Usage, command
from inventory.lab.commands.nim.client import reachable
from inventory.lab.commands.nim.cust import READY, allocate, cust, deallocate
from inventory.lab.commands.nim.definition import as_kept, bring
from inventory.lab.world.frame import NimObject
from inventory.lab.world.scenario import described_filesets

NIM = (Kind.NIM,)
CLASSES = {
    "standalone": "machines",
    "hmc": "management",
    "cec": "management",
    "vios": "management",
    "lpp_source": "resources",
    "live_update_data": "resources",
    "mksysb": "resources",
    "ent": "networks",
}


@command("/usr/sbin/nim", on=NIM)
async def nim(call: Call) -> int:
    """Tell (showres, lslpp), change what the database has (define, change, …), and update a client (cust)."""
    attributes = _attributes(call)
    options, names = call.options("o:t:a:F")
    operation = options.get("o", "")
    if operation not in (*OPERATIONS, "define", "cust") or len(names) != 1:
        raise Usage(f'0042-018 nim: the "{operation}" operation is not supported here')
    await call.sleep(1)
    if operation == "define":
        return _define(call, names[0], options.get("t", ""), attributes)
    if names[0] not in call.world.nim.objects:
        return call.fail(f'0042-053 nim: there is no NIM object named "{names[0]}"')
    if operation == "cust":
        return await cust(call, names[0], attributes)
    return OPERATIONS[operation](call, names[0], attributes)


def _attributes(call: Call) -> dict[str, str]:
    words = zip(call.argv, call.argv[1:], strict=False)
    pairs = (value.partition("=") for flag, value in words if flag == "-a")
    return {name: value for name, _, value in pairs}


def _define(call: Call, name: str, kind: str, attributes: dict[str, str]) -> int:
    if name in call.world.nim.objects:
        return call.fail(f'0042-032 nim: the name "{name}" must be unique')
    if kind not in CLASSES:
        return call.fail(f'0042-012 nim: "{kind}" is not a valid type')
    if kind == "live_update_data" and (problem := _location_problem(call, attributes.get("location", ""))):
        return call.fail(problem)
    cls = CLASSES[kind]
    state = {"Cstate": READY}
    if cls == "resources":
        state = {"Rstate": "ready for use", "prev_state": "unavailable for use", "alloc_count": "0"}
    elif cls == "networks":
        state = {"Nstate": "ready for use", "prev_state": ""}
    call.world.nim.objects[name] = NimObject(cls, kind, state)
    if kind == "lpp_source":
        bring(call, attributes)
    return _change(call, name, as_kept(kind, attributes))


def _location_problem(call: Call, location: str) -> str:
    """Why a file cannot become a resource; empty when it can."""
    if not (call.lab.root_of(call.host) / location.lstrip("/")).is_file():
        return f'0042-158 nim: unable to access {location} on "master"'
    taken = (one.attributes.get("location") for one in call.world.nim.objects.values())
    return f'0042-081 nim: the resource {location} already exists on "master"' if location in taken else ""


def _change(call: Call, name: str, attributes: Mapping[str, str]) -> int:
    """`identity` and `mgmt_source` together make `mgmt_profile1`; anything else is kept as given."""
    one = call.world.nim.objects[name]
    given = dict(attributes)
    identity, source = given.pop("identity", ""), given.pop("mgmt_source", "")
    if identity and source:
        system = call.world.nim.objects.get(source)
        if system is None:
            return call.fail(f'0042-053 nim: there is no NIM object named "{source}"')
        hmc = system.attributes.get("hmc", source)
        given["mgmt_profile1"] = f"{hmc} {identity} {source}"
    one.attributes.update(given)
    return 0


def _remove(call: Call, name: str, _attributes: Mapping[str, str]) -> int:
    if call.world.nim.objects[name].attributes.get("alloc_count", "0") != "0":
        return call.fail(f'0042-061 nim: the "{name}" resource is currently allocated for client use')
    del call.world.nim.objects[name]
    return 0


def _check(call: Call, name: str, _attributes: Mapping[str, str]) -> int:
    """Whether a resource's file is where it was."""
    one = call.world.nim.objects[name].attributes
    there = (call.lab.root_of(call.host) / one.get("location", "").lstrip("/")).exists()
    one["Rstate"] = "ready for use" if there else "unavailable for use"
    return 0 if there else call.fail(f'0042-158 nim: unable to access {one["location"]} on "master"')


def _allocate(call: Call, name: str, attributes: Mapping[str, str]) -> int:
    for kind in attributes:
        if attributes[kind] not in call.world.nim.objects:
            return call.fail(f'0042-053 nim: there is no NIM object named "{attributes[kind]}"')
    allocate(call, call.world.nim.objects[name], attributes)
    return 0


def _deallocate(call: Call, name: str, attributes: Mapping[str, str]) -> int:
    """Resources by their types, or all of a client (`subclass=all`)."""
    everything = attributes.get("subclass") == "all"
    kinds = ("lpp_source", "live_update_data") if everything else tuple(attributes)
    if not any(kind in call.world.nim.objects[name].attributes for kind in kinds) and not everything:
        return call.fail(f'0042-055 nim: the resource is not allocated to "{name}"')
    deallocate(call, name, kinds)
    return 0


def _reset(call: Call, name: str, _attributes: Mapping[str, str]) -> int:
    one = call.world.nim.objects[name]
    one.attributes.update(Cstate=READY, Cstate_result="reset")
    one.attributes.pop("err_info", None)
    return 0


def _showres(call: Call, name: str, _attributes: Mapping[str, str]) -> int:
    """The list that one selects from; NIM offers filesets here, interim fixes lie beside them as files."""
    nim_side = call.world.nim
    level = nim_side.media.get(nim_side.objects[name].attributes.get("location", ""), "")
    for fileset, (vrmf, description) in sorted(described_filesets(level).items()):
        call.line(f"{fileset:<72}ALL  @@I:{fileset} _all_filesets")
        call.line(f" @ {vrmf}  {description:<55} @@I:{fileset} {vrmf}\n")
    return 0


def _lslpp(call: Call, name: str, _attributes: Mapping[str, str]) -> int:
    vios = call.world.system.partition(name)
    if vios is not None and vios.nim_master:
        call.line(f"  ios.cli.rte  {vios.ios_level}  COMMITTED  VIOS Command Line Interface")
        return 0
    if not reachable(call, name):
        call.err('0042-001 nim: processing error encountered on "master":')
        return call.fail("   0042-006 m_lslpp: (From_Master) connect Connection timed out")
    show_filesets(call, call.world.lpars[name].filesets)
    return 0


OPERATIONS: dict[str, Callable[[Call, str, Mapping[str, str]], int]] = {
    "change": _change,
    "remove": _remove,
    "reset": _reset,
    "check": _check,
    "allocate": _allocate,
    "deallocate": _deallocate,
    "showres": _showres,
    "lslpp": _lslpp,
}
