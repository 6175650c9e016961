"""`lsnim`: the objects of the NIM database; and what a NIM master exports."""

import time
from collections.abc import Iterable

from inventory.lab.commands.call import Call, Kind, command, now
from inventory.lab.world.frame import NimObject

NIM = (Kind.NIM,)
DAY_S = 86400


@command("/usr/sbin/lsnim", on=NIM)
async def lsnim(call: Call) -> int:
    """All objects, those of a class (-c) or type (-t), or one; in long form (-l), in colons (-Z, with -a)."""
    wanted, names = _words(call)
    objects = call.world.nim.objects
    for name in names:
        if name not in objects:
            return call.fail(f'0042-053 lsnim: there is no NIM object named "{name}"')
    chosen = {
        name: one
        for name, one in objects.items()
        if wanted.get("c", one.cls) == one.cls
        and wanted.get("t", one.type) == one.type
        and name in (names or [name])
    }
    if "Z" in wanted:
        _colons(call, chosen, wanted["a"].split())
    elif "l" in wanted:
        for name, one in chosen.items():
            call.out(stanza(name, one))
    else:
        for name, one in chosen.items():
            call.line(f"{name:<20} {one.cls:<16} {one.type}")
    return 0


def stanza(name: str, one: NimObject) -> str:
    """An object in long form: all `=` in one column, a blank value printed as nothing."""
    attributes = {"class": one.cls, "type": one.type, **one.attributes}
    width = max(map(len, attributes))
    lines = [f"   {key:<{width}} = {_shown(value)}".rstrip() for key, value in attributes.items()]
    return "\n".join([f"{name}:", *lines]) + "\n"


def _words(call: Call) -> tuple[dict[str, str], list[str]]:
    """Options by letter, those of repeated `-a` in one text, and the names."""
    repeated = [
        call.argv[at + 1] for at, word in enumerate(call.argv) if word == "-a" and at + 1 < len(call.argv)
    ]
    options, names = call.options("c:t:la:Zqp")
    return {**options, "a": " ".join(repeated)}, names


def _colons(call: Call, chosen: dict[str, NimObject], attributes: Iterable[str]) -> None:
    """Rows of colons; a value that an object does not have leaves its field out, as lsnim does."""
    columns = list(attributes)
    call.line(":".join(["#name", *columns]) + ":")
    for name, one in chosen.items():
        values = [_shown(one.attributes[column]) for column in columns if one.attributes.get(column)]
        call.line(":".join([name, *values]) + ":")


def _shown(value: str) -> str:
    words, _, days = value.partition("days_ago=")
    return value if words or not days else time.ctime((now() // DAY_S - int(days)) * DAY_S)


@command("/usr/bin/showmount", "/usr/sbin/exportfs", on=NIM)
async def exports(call: Call) -> int:
    """The exported directories."""
    for path in call.world.nim.media:
        call.line(f"{path} -ro")
    return 0
