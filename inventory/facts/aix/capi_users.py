"""`fuser` on a CAPI device: the processes that have it open."""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_NAME = re.compile(r"/dev/\S+:")
_PID = re.compile(r"([0-9]{1,10})[a-z]*")


def _build(capi_device: str) -> Command:
    return aix("fuser", f"/dev/{capi_device}")


def _parse(output: Output) -> tuple[int, ...]:
    """The process ids, perhaps none; the device's own name goes to standard error."""
    pids = []
    for line in filled(answer(output, "fuser")):
        for word in line.split():
            pid = _PID.fullmatch(word)
            if pid:
                pids.append(int(pid[1]))
            elif not _NAME.fullmatch(word):
                raise Unparsable("fuser printed something else than process ids", line)
    said = (output.stderr + output.stdout).splitlines()
    if not pids and not any(_NAME.match(line.strip()) for line in said):
        raise Unparsable("fuser did not name the device")
    return tuple(pids)


CAPI_USERS = Fact(name="capi_users", host=HostKind.LPAR, build=_build, parse=_parse, params=("capi_device",))
