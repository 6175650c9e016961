"""`hmcauth -l`: the authenticated HMC sessions that the AIX kernel holds."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_BLOCK = (
    re.compile(r"\s*Address\s*:\s*(\S+)"),
    re.compile(r"\s*User name\s*:\s*(\S+)"),
    re.compile(r"\s*Port\s*:\s*([0-9]{1,5})"),
)


@dataclass(frozen=True, slots=True)
class HmcSession:
    """One session: the HMC as hmcauth names it (address or name), the HMC user, the port."""

    address: str
    user: str
    port: int


def _build() -> Command:
    return aix("hmcauth", "-l")


def _parse(output: Output) -> tuple[HmcSession, ...]:
    """The sessions; none is an answer too (hmcauth then prints nothing)."""
    lines = filled(answer(output, "hmcauth"))
    if len(lines) % len(_BLOCK):
        raise Unparsable("a session of hmcauth -l is incomplete", lines[-1])
    return tuple(_session(lines[start : start + len(_BLOCK)]) for start in range(0, len(lines), len(_BLOCK)))


def _session(lines: list[str]) -> HmcSession:
    values: list[str] = []
    for pattern, line in zip(_BLOCK, lines, strict=True):
        match = pattern.fullmatch(line)
        if match is None:
            raise Unparsable("hmcauth -l prints Address, User name and Port in this order", line)
        values.append(match[1])
    return HmcSession(values[0], values[1], int(values[2]))


HMCAUTH = Fact(name="hmcauth", host=HostKind.LPAR, build=_build, parse=_parse)
