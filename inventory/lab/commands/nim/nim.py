"""`nim -o OPERATION` and `nimquery`, as far as they only read."""

from inventory.lab.commands.aix.software import show_filesets
from inventory.lab.commands.call import Call, Kind, Usage, command
from inventory.lab.world.scenario import described_filesets

NIM = (Kind.NIM,)


@command("/usr/sbin/nim", on=NIM)
async def nim(call: Call) -> int:
    """What an lpp_source holds (showres), what is installed on a client (lslpp)."""
    options, names = call.options("o:a:F")
    operations = {"showres": _showres, "lslpp": _lslpp}
    operation = options.get("o", "")
    if operation not in operations or len(names) != 1:
        raise Usage(f'0042-018 nim: the "{operation}" operation is not supported here')
    if names[0] not in call.world.nim.objects:
        return call.fail(f'0042-053 nim: there is no NIM object named "{names[0]}"')
    await call.sleep(1)
    return operations[operation](call, names[0])


def _showres(call: Call, name: str) -> int:
    """The list that one selects from; NIM offers filesets here, interim fixes lie beside them as files."""
    nim_side = call.world.nim
    level = nim_side.media.get(nim_side.objects[name].attributes.get("location", ""), "")
    for fileset, (vrmf, description) in sorted(described_filesets(level).items()):
        call.line(f"{fileset:<72}ALL  @@I:{fileset} _all_filesets")
        call.line(f" @ {vrmf}  {description:<55} @@I:{fileset} {vrmf}\n")
    return 0


def _lslpp(call: Call, name: str) -> int:
    lpar = call.world.lpars.get(name)
    if lpar is None or "refuse" in call.lab.faults.of(name):
        call.err('0042-001 nim: processing error encountered on "master":')
        return call.fail("   0042-006 m_lslpp: (From_Master) connect Connection timed out")
    show_filesets(call, lpar.filesets)
    return 0


@command("/usr/sbin/nimquery", on=NIM)
async def nimquery(call: Call) -> int:
    """The managed systems of an HMC (-a hmc=NAME)."""
    options, _ = call.options("a:dp")
    kind, _, name = options.get("a", "").partition("=")
    hmc = call.world.hmc
    if kind != "hmc" or name not in call.world.nim.objects:
        return call.fail(f'0042-053 nimquery: there is no NIM object named "{name}"')
    await call.sleep(5)
    if "hmc_down" in call.lab.faults.of(hmc.name):
        call.err('0042-001 nimquery: processing error encountered on "master":')
        return call.fail(f"   0042-006 m_query: (From_Master) connect {name} Connection timed out")
    system = call.world.system
    call.line(
        f"name={system.name},type_model={system.type_model},serial_num={system.serial},"
        "ipaddr=10.254.0.2,sp_type=fsp"
    )
    return 0
