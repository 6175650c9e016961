"""`lshmc -V`: the version of an HMC."""

import re
from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled


@dataclass(frozen=True, slots=True)
class HmcVersion:
    """An HMC's version, e.g. `7`, `7.9.0`, `3`, `20151216.1`, `V7R7.9.0`, and its fixes (`MH01454`).

    Service pack and build are empty where the HMC leaves them out.
    """

    version: str
    release: str
    service_pack: str
    build: str
    base_version: str
    fixes: tuple[str, ...]


def _build() -> Command:
    return hmc("lshmc", "-V")


def _parse(output: Output) -> HmcVersion:
    """The answer is one quoted record over several lines, so it is searched as a whole."""
    lines = filled(answer(output, "lshmc", closed=r"\""))
    said = "\n".join(lines)
    version = re.search(r"^\"version= Version: (\d+)$", said, re.MULTILINE)
    release = re.search(r"^ ?Release: ([\d.]+)$", said, re.MULTILINE)
    base_version = re.search(r"\"base_version=([^\"\s]*)", said)
    if version is None or release is None or base_version is None:
        raise Unparsable("lshmc -V did not print version, release and base version", "".join(lines[:1]))
    service_pack = re.search(r"^ ?Service Pack: (\S+)$", said, re.MULTILINE)
    build = re.search(r"^HMC Build level (\S+)$", said, re.MULTILINE)
    return HmcVersion(
        version=version[1],
        release=release[1],
        service_pack=service_pack[1] if service_pack else "",
        build=build[1] if build else "",
        base_version=base_version[1],
        fixes=tuple(re.findall(r"^\W*(M[BFH]\d{5})\b", said, re.MULTILINE)),
    )


HMC_VERSION = Fact(name="hmc_version", host=HostKind.HMC, build=_build, parse=_parse, version=2)
