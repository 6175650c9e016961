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
_LABELLED = re.compile(r"\s*(?!Address|User name|Port)[A-Za-z][A-Za-z ]*:.*")


@dataclass(frozen=True, slots=True)
class HmcSession:
    """One session: the HMC as hmcauth names it (address or name), the HMC user, the port."""

    address: str
    user: str
    port: int


def _build() -> Command:
    return aix("hmcauth", "-l")


def _parse(output: Output) -> tuple[HmcSession, ...]:
    """The sessions; none is an answer too (hmcauth then prints nothing).

    Each prints Address, User name and Port in this order; what else may follow is passed over.
    """
    sessions: list[HmcSession] = []
    values: list[str] = []
    lines = filled(answer(output, "hmcauth", closed=r"\s*Port\s*:\s*12443\s*"))
    for line in lines:
        match = _BLOCK[len(values)].fullmatch(line)
        if match:
            values.append(match[1])
        elif values or not sessions or not _LABELLED.fullmatch(line):
            raise Unparsable("hmcauth -l prints Address, User name and Port in this order", line)
        if len(values) == len(_BLOCK):
            sessions.append(HmcSession(values[0], values[1], int(values[2])))
            values = []
    if values:
        raise Unparsable("a session of hmcauth -l is incomplete", lines[-1])
    return tuple(sessions)


HMCAUTH = Fact(name="hmcauth", host=HostKind.LPAR, build=_build, parse=_parse, version=2, volatile=True)
