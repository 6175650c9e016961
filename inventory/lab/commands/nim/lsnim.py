"""`lsnim`: the objects of the NIM database; and what a NIM master exports."""

from inventory.lab.commands.call import Call, Kind, command


@command("/usr/sbin/lsnim", on=(Kind.NIM,))
async def lsnim(call: Call) -> int:
    """All objects, those of a class (-c) or type (-t), one in long form (-l)."""
    options, names = call.options("c:t:l:a:Zqp")
    objects = call.world.nim.objects
    if "l" in options:
        names = [options["l"], *names]
    for name in names:
        if name not in objects:
            return call.fail(f'0042-053 lsnim: there is no NIM object named "{name}"')
    if "l" in options:
        for name in names:
            one = objects[name]
            width = max(len(key) for key in one.attributes) if one.attributes else 5
            call.line(f"{name}:")
            for key, value in {"class": one.cls, "type": one.type, **one.attributes}.items():
                call.line(f"   {key:<{max(width, 5)}} = {value}")
        return 0
    for name, one in objects.items():
        if (
            options.get("c", one.cls) == one.cls
            and options.get("t", one.type) == one.type
            and name in (names or [name])
        ):
            call.line(f"{name:<20} {one.cls:<16} {one.type}")
    return 0


@command("/usr/bin/showmount", "/usr/sbin/exportfs", on=(Kind.NIM,))
async def exports(call: Call) -> int:
    """The exported directories."""
    for path in call.world.nim.media:
        call.line(f"{path} -ro")
    return 0
