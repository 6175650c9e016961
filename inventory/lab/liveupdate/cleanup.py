"""What `clvupdate` does: it cleans up what a failed Live Update left, if its flags fit the state."""

from hashlib import sha256
from pathlib import Path

from inventory.lab.commands.call import Call
from inventory.lab.liveupdate import phases
from inventory.lab.liveupdate.datafile import CONFIGURATION

QUESTION = "Resources of the failed live update will be removed. Do you want to continue (y/n)? "


def fingerprint(file: Path) -> str:
    """What tells one attempt's liveupdate.cf from another's; empty without a file."""
    return sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


async def clean_up(call: Call, options: dict[str, str]) -> int:
    """Undo a failed Live Update, or remove the original of one that moved; returns the exit status."""
    progress = call.lpar.progress
    if not progress.dirty:
        call.line("clvupdate: No cleanup is required.")
        return 0
    if obstacle := _console(call, options) or _configuration(call, options) or _flags(call, options):
        return call.fail(f"clvupdate: {obstacle}")
    if "clvupdate_prompts" in call.lab.faults.of(call.host):
        answer = (await call.ask(QUESTION)).strip().lower()
        if answer not in ("y", "yes"):
            return call.fail("clvupdate: The cleanup was not confirmed. Nothing was changed.")
    await call.sleep(60)
    moved = progress.dirty == "MOVED_DIRTY"
    definition = "partition_left" not in call.lab.faults.of(call.host)
    if moved:
        phases.remove_original(call.world, call.lpar, definition=definition)
    else:
        phases.undo(call.world, call.lpar, definition=definition)
    progress.state, progress.dirty = "DONE" if moved else "FAILED_CLEAN", ""
    progress.rebooted = progress.stuck = False
    call.line("clvupdate: The cleanup completed.")
    return 0


def _console(call: Call, options: dict[str, str]) -> str:
    """What keeps it from the HMC, the one of the failed attempt unless -a and -U name another."""
    if ("a" in options) != ("U" in options):
        return "The flags -a and -U must be given together."
    hmcs = {address: hmc for hmc in call.world.hmcs() for address in (hmc.name, hmc.address)}
    hmc = hmcs.get(options.get("a", call.world.hmc.name))
    if hmc is None:
        return f"The HMC console {options['a']} is not known."
    user = options.get("U")
    tokens = [token for token in call.lpar.tokens if token.address == hmc.address]
    if not any(user in (None, token.user) for token in tokens) and not call.lpar.powervc_tokens:
        return "1430-246 FAILED: No valid authentication with an HMC console."
    if call.lab.faults.silences(hmc.name):
        return f"1430-248 FAILED: The HMC console {hmc.name} does not respond."
    return ""


def _configuration(call: Call, options: dict[str, str]) -> str:
    root = call.lab.root_of(call.host)
    file = root / options.get("f", CONFIGURATION).removeprefix(str(root)).lstrip("/")
    if fingerprint(file) == call.lpar.progress.configuration:
        return ""
    return f"The configuration in /{file.relative_to(root)} is not that of the operation to clean up."


def _flags(call: Call, options: dict[str, str]) -> str:
    progress = call.lpar.progress
    fits = {
        "o": (progress.dirty == "MOVED_DIRTY", "the workload was moved to the surrogate partition"),
        "e": (progress.rebooted, "the partition was rebooted after the failure"),
        "u": (progress.stuck, "live update processes may still be running"),
    }
    for flag, (needed, why) in fits.items():
        if needed and flag not in options:
            return f"The state of the live update needs -{flag}: {why}."
        if flag in options and not needed:
            return f"The flag -{flag} does not fit the state of the live update."
    return ""
