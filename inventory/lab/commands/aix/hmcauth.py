"""`hmcauth`: sessions with the HMC that the kernel holds."""

from inventory.lab.commands.call import Call, command
from inventory.lab.commands.hmc.users import accepts
from inventory.lab.world.model import Token

FAILURE = (
    "Authentication failure. -- Failed to retrieve saved token. Please logon first using hmcauth.: "
    "PMCSS00G: The authentication has been rejected for user {user}. Logon was denied with the following "
    "error message : Invalid login credentials specified.. -- Failed to log on: PMCSS00G: The authentication "
    "has been rejected for user {user}. Logon was denied with the following error message : Invalid login "
    "credentials specified.."
)
USAGE = "Usage: hmcauth [-u user] [-p password] [-a address] [-P port] | -r [-a address] [-u user] | -l"
UNREACHABLE = "Authentication failure. -- Failed to connect to {address} port {port}: Connection timed out"


@command("/usr/sbin/hmcauth")
async def hmcauth(call: Call) -> int:
    """Log on (asking for what is missing), list (-l), remove (-r)."""
    options, _ = call.options("u:p:a:P:rlh")
    if "h" in options:
        call.line(USAGE)
        return 0
    if "l" in options:
        blocks = [
            f"Address  : {t.address}\nUser name: {t.user}\nPort     : {t.port}\n" for t in call.lpar.tokens
        ]
        call.out("\n".join(blocks))
        return 0
    if "r" in options:
        return _remove(call, options)
    return await _log_on(call, options)


def _remove(call: Call, options: dict[str, str]) -> int:
    wanted = _address(call, options["a"]) if "a" in options else ""
    kept = [
        token
        for token in call.lpar.tokens
        if (wanted and token.address != wanted) or options.get("u", token.user) != token.user
    ]
    if len(kept) == len(call.lpar.tokens):
        return call.fail("hmcauth: No matching authentication was found.")
    call.lpar.tokens = kept
    return 0


async def _log_on(call: Call, options: dict[str, str]) -> int:
    console = options.get("a") or await call.ask("Enter HMC URI:")
    user = options.get("u") or await call.ask("Enter HMC user name:")
    password = options.get("p") or await call.ask("Enter HMC password:", hidden=True)
    port = int(options.get("P", "12443"))
    address = _address(call, console.strip())
    hmc = next((each for each in call.world.hmcs() if each.address == address), None)
    await call.sleep(3)
    if hmc is None or call.lab.faults.silences(hmc.name):
        return call.fail(UNREACHABLE.format(address=console, port=port))
    if not accepts(call.lab, hmc, user, password):
        return call.fail(FAILURE.format(user=user))
    kept = [token for token in call.lpar.tokens if token.address != address]
    call.lpar.tokens = [*kept, Token(address, user, port)]
    return 0


def _address(call: Call, console: str) -> str:
    named = {hmc.name: hmc.address for hmc in call.world.hmcs()} | {"localhost": call.world.hmc.address}
    return named.get(console, console)
