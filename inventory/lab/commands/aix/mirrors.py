"""Mirror pools of volume groups: `lsmp`."""

from inventory.lab.commands.call import Call, command


@command("/usr/sbin/lsmp")
async def lsmp(call: Call) -> int:
    """The pools of a varied-on volume group; -A adds what asynchronous mirroring keeps."""
    _, names = call.options("LAm:n:")
    for name in names:
        if name not in call.lpar.groups:
            return call.fail(
                f"0516-306 lsmp: Unable to find volume group {name} in the Device\n"
                "        Configuration Database."
            )
        pools = call.lpar.asynchronous_mirrors.get(name, [])
        strict = "yes" if pools else "no"
        call.line(f"VOLUME GROUP:        {name:<20} Mirror Pool Super Strict: {strict}\n")
        for pool in pools:
            call.line(f"MIRROR POOL:         {pool:<20} Mirroring Mode:           ASYNC")
            call.line(f"ASYNC MIRROR STATE:  active               ASYNC CACHE LV:           {pool}_cache")
    return 0
