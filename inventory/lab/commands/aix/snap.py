"""`snap`: collects logs for IBM below /tmp/ibmsupt."""

import tarfile

from inventory.lab.commands.call import Call, Usage, command

PLACE = "tmp/ibmsupt"
NEEDED_MB = 8


@command("/usr/sbin/snap")
async def snap(call: Call) -> int:
    """The Live Update's data (-U), or all (-a), compressed with -c; removes what it collected with -r."""
    options, _ = call.options("aUcrd:g")
    root = call.lab.root_of(call.host)
    place = root / PLACE
    if "r" in options:
        for file in sorted(place.rglob("*"), reverse=True) if place.exists() else ():
            file.rmdir() if file.is_dir() else file.unlink()
        return 0
    if not {"a", "U"} & set(options):
        raise Usage("Usage: snap [-a] [-c] [-U] [-r]")
    call.line("Checking space requirement for general information...................... done.")
    if call.lpar.filesystems["/tmp"].free_mb < NEEDED_MB:  # noqa: S108 - of the simulated host
        return call.fail("snap: There is not enough space in /tmp/ibmsupt.")
    await call.sleep(60)
    place.mkdir(parents=True, exist_ok=True)
    gathered = root / "var/adm/ras/liveupdate"
    if "U" in options:
        with tarfile.open(place / "liveupdate.tar", "w") as archive:
            archive.add(gathered, "liveupdate")
        call.line("Gathering Live Update system information.................. done.")
    if "c" in options or "a" in options:
        with tarfile.open(place / "snap.pax.Z", "w:gz") as archive:
            archive.add(gathered, "liveupdate")
        call.line("Creating compressed pax file...")
        call.line("\n/tmp/ibmsupt/snap.pax.Z")
    return 0
