"""`viosvrcmd -c ioslevel`: the level of a VIOS, asked for through its HMC."""

import re

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line

_LEVEL = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4}){3}")


def _build(managed_system: str, vios: str) -> Command:
    return hmc("viosvrcmd", "-m", managed_system, "-p", vios, "-c", "ioslevel")


def _parse(output: Output) -> str:
    """Four numbers, e.g. `3.1.4.21`."""
    line = only_line(answer(output, "viosvrcmd"), "level of a VIOS")
    if not _LEVEL.fullmatch(line.strip()):
        raise Unparsable("not a level of a VIOS", line)
    return line.strip()


VIOS_LEVEL = Fact(
    name="vios_level", host=HostKind.HMC, build=_build, parse=_parse, params=("managed_system", "vios")
)
