"""IPsec filter rules: `lsfilt`, `expfilt`, `impfilt`, `mkfilt`. They live and die with their device."""

from pathlib import Path

from inventory.lab.commands.call import Call, Usage, command
from inventory.lab.world.model import Lpar

FIRST = "1|permit|0.0.0.0|0.0.0.0|0.0.0.0|0.0.0.0|no|udp|eq|4001|eq|4001|both|both|no|all packets|0|all|0|||"
"""The rule that every device begins with."""
EXPORTED = "ipsec_fltr_rule.exp"


@command("/usr/sbin/lsfilt")
async def lsfilt(call: Call) -> int:
    """The rules of one version (-v4, -v6), or of both; -O prints one line per rule."""
    options, _ = call.options("v:n:Oad")
    versions = [options["v"]] if "v" in options else ["4", "6"]
    present = [version for version in versions if f"ipsec_v{version}" in call.lpar.ipsec]
    if not present:
        return call.fail("lsfilt: IP Security is not active.")
    for version in present:
        call.out("".join(f"{rule}\n" for rule in (FIRST, *call.lpar.filters.get(version, []))))
    return 0


@command("/usr/sbin/expfilt")
async def expfilt(call: Call) -> int:
    """Write the rules of a version into a directory."""
    version, place = _words(call)
    if not place.is_dir():
        return call.fail(f"expfilt: The directory {call.argv[-1]} does not exist.")
    rules = (FIRST, *call.lpar.filters.get(version, []))
    (place / EXPORTED).write_text("".join(f"{rule}\n" for rule in rules))
    call.line(f"Filter rule(s) have been exported to {call.argv[-1]}/{EXPORTED} successfully.")
    return 0


@command("/usr/sbin/impfilt")
async def impfilt(call: Call) -> int:
    """Add the rules that a directory holds to those of a version; they are not in force yet."""
    version, place = _words(call)
    if f"ipsec_v{version}" not in call.lpar.ipsec:
        return call.fail("impfilt: IP Security is not active.")
    if not (place / EXPORTED).exists():
        return call.fail(f"impfilt: Cannot open {call.argv[-1]}/{EXPORTED}.")
    rules = call.lpar.filters.setdefault(version, [])
    saved = (place / EXPORTED).read_text().splitlines()
    if "filters_lost" in call.lab.faults.of(call.host):
        return 0
    rules += [rule for rule in saved if rule not in (FIRST, *rules)]
    return 0


@command("/usr/sbin/mkfilt")
async def mkfilt(call: Call) -> int:
    """Put the rules of a version in force (-u), or out of it (-d); silent."""
    options, _ = call.options("v:udg:i")
    version = options.get("v", "")
    if f"ipsec_v{version}" not in call.lpar.ipsec:
        return call.fail("mkfilt: IP Security is not active.")
    kept = [one for one in call.lpar.filters_in_force if one != version]
    call.lpar.filters_in_force = sorted([*kept, version]) if "u" in options else kept
    return 0


def removed(lpar: Lpar, version: str) -> None:
    """The device of a version is gone, and its rules with it."""
    lpar.filters.pop(version, None)


def _words(call: Call) -> tuple[str, Path]:
    options, _ = call.options("v:f:l:rp")
    if options.get("v") not in ("4", "6") or "f" not in options:
        raise Usage(f"Usage: {call.argv[0]} [-v 4 | 6] -f directory")
    return options["v"], call.lab.root_of(call.host) / options["f"].lstrip("/")
