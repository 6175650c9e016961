"""`pvcauth`: sessions with PowerVC that the kernel holds."""

from inventory.lab.commands.call import Call, Kind, command
from inventory.lab.world.frame import PowerVc
from inventory.lab.world.model import Token

FILESET = "bos.sysmgt.pvc"
PORT = 5000
USAGE = "Usage: pvcauth [-u user] [-p password] -a address [-o project] [-P port] | -r -a address | -l"
REJECTED = (
    "Authentication failure. -- Failed to log on: The request you have made requires authentication. "
    "(HTTP 401) for user {user}."
)
UNREACHABLE = "Authentication failure. -- Failed to connect to {address} port {port}: Connection timed out"


@command("/usr/sbin/pvcauth", on=(Kind.LPAR,))
async def pvcauth(call: Call) -> int:
    """Log on (asking for what is missing), list (-l), remove (-r)."""
    options, _ = call.options("u:p:a:o:P:rlh")
    if FILESET not in call.lpar.filesets:
        return call.fail("ksh: pvcauth:  not found.", 127)
    if "l" in options:
        blocks = [
            f"Address  : {t.address}\nUser name: {t.user}\nProject  : {t.project}\nPort     : {t.port}\n"
            for t in call.lpar.powervc_tokens
        ]
        call.out("\n".join(blocks))
        return 0
    if "h" in options or "a" not in options:
        return call.fail(USAGE, 0 if "h" in options else 1)
    if "r" in options:
        return _remove(call, options["a"])
    return await _log_on(call, options)


def _remove(call: Call, address: str) -> int:
    server = _server(call, address)
    kept = [token for token in call.lpar.powervc_tokens if server is None or token.address != server.address]
    if len(kept) == len(call.lpar.powervc_tokens):
        return call.fail("pvcauth: No matching authentication was found.")
    call.lpar.powervc_tokens = kept
    return 0


async def _log_on(call: Call, options: dict[str, str]) -> int:
    user = options.get("u") or await call.ask("Enter PowerVC user name:")
    password = options.get("p") or await call.ask("Enter PowerVC password:", hidden=True)
    project, port = options.get("o", "ibm-default"), int(options.get("P", PORT))
    server = _server(call, options["a"])
    await call.sleep(3)
    if server is None or "powervc_down" in call.lab.faults.of(call.host):
        return call.fail(UNREACHABLE.format(address=options["a"], port=port))
    known = user in server.users and password == call.lab.keys.password(f"{user}@{server.name}")
    if not known or project not in server.projects:
        return call.fail(REJECTED.format(user=user))
    others = [token for token in call.lpar.powervc_tokens if token.address != server.address]
    call.lpar.powervc_tokens = [*others, Token(server.address, user, port, project)]
    return 0


def _server(call: Call, address: str) -> PowerVc | None:
    return next((each for each in call.world.powervcs if address in (each.name, each.address)), None)
