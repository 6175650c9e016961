"""`chsysstate`, `rmsyscfg`, `chsyscfg`: shut a partition down, remove its definition, rename it."""

import getopt

from inventory.lab.commands.call import Call, Kind, Usage, command
from inventory.lab.commands.hmc.table import check_system
from inventory.lab.world.frame import Partition

HMC = (Kind.HMC,)
NOT_FOUND = "HSCL8012 The partition named {} was not found."
NAME_TAKEN = "HSCL0526 The partition name {} is used by another partition on this managed system."
WRONG_STATE = "HSCL05DB The partition must be in the Not Activated state to be removed."


@command("chsysstate", on=HMC)
async def chsysstate(call: Call) -> int:
    """Shut a partition down (-r lpar -m SYSTEM -o shutdown [--immed] -n NAME); silent."""
    options = _options(call, "r:m:o:n:", ["immed", "restart"])
    if options.get("-r") != "lpar" or options.get("-o") != "shutdown":
        raise Usage("An invalid operation was entered. Only -r lpar -o shutdown is simulated.")
    part = _named(call, options)
    if part is None:
        return call.fail(NOT_FOUND.format(options.get("-n", "")))
    part.state = "Shutting Down"
    await call.sleep(20)
    part.state, part.rmc_state = "Not Activated", "inactive"
    return 0


@command("rmsyscfg", on=HMC)
async def rmsyscfg(call: Call) -> int:
    """Remove a partition that is not activated (-r lpar -m SYSTEM -n NAME); silent."""
    options = _options(call, "r:m:n:", [])
    part = _named(call, options)
    if part is None:
        return call.fail(NOT_FOUND.format(options.get("-n", "")))
    if part.state != "Not Activated":
        return call.fail(WRONG_STATE)
    call.world.system.partitions.remove(part)
    return 0


@command("chsyscfg", on=HMC)
async def chsyscfg(call: Call) -> int:
    """Give a partition another name (-r lpar -m SYSTEM -i name=OLD,new_name=NEW); silent."""
    options = _options(call, "r:m:i:", [])
    if options.get("-r") != "lpar":
        raise Usage("An invalid resource type was entered. Only -r lpar is simulated.")
    check_system(call, options.get("-m", ""))
    given = dict(pair.split("=", 1) for pair in options.get("-i", "").split(",") if "=" in pair)
    if set(given) != {"name", "new_name"}:
        raise Usage("An invalid attribute was entered. Only name and new_name are simulated.")
    part = call.world.system.partition(given["name"])
    if part is None:
        return call.fail(NOT_FOUND.format(given["name"]))
    if call.world.system.partition(given["new_name"]):
        return call.fail(NAME_TAKEN.format(given["new_name"]))
    part.name = given["new_name"]
    return 0


def _options(call: Call, letters: str, words: list[str]) -> dict[str, str]:
    try:
        pairs, _ = getopt.getopt(call.argv[1:], letters, words)
    except getopt.GetoptError as error:
        raise Usage(f"An invalid parameter was entered. {error}.") from error
    return dict(pairs)


def _named(call: Call, options: dict[str, str]) -> Partition | None:
    check_system(call, options.get("-m", ""))
    return call.world.system.partition(options.get("-n", ""))
