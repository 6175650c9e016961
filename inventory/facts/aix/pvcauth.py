"""`pvcauth -l`: the authenticated PowerVC sessions that the AIX kernel holds."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_NOT_THERE = 127
_FIELD = re.compile(r"\s*([A-Za-z][A-Za-z ]*?)\s*:\s*(\S.*)?")


@dataclass(frozen=True, slots=True)
class PowerVcSession:
    """One session: the PowerVC server, the user there, the port."""

    address: str
    user: str
    port: int


def _build() -> Command:
    return aix("pvcauth", "-l")


def _parse(output: Output) -> tuple[PowerVcSession, ...] | None:
    """The sessions, or None where `pvcauth` is not there (no bos.sysmgt.pvc)."""
    if output.status == _NOT_THERE and "not found" in output.stdout + output.stderr:
        return None
    blocks: list[dict[str, str]] = []
    for line in filled(answer(output, "pvcauth")):
        match = _FIELD.fullmatch(line)
        if match is None:
            raise Unparsable("pvcauth -l prints one field a line", line)
        if match[1] == "Address":
            blocks.append({"": line})
        if not blocks:
            raise Unparsable("a session of pvcauth -l begins with its address", line)
        blocks[-1][match[1]] = match[2] or ""
    return tuple(_session(block) for block in blocks)


def _session(block: dict[str, str]) -> PowerVcSession:
    address, user, port = (block.get(name, "") for name in ("Address", "User name", "Port"))
    if not address or not user or not re.fullmatch(r"[0-9]{1,5}", port):
        raise Unparsable("a session of pvcauth -l is incomplete", block[""])
    return PowerVcSession(address, user, int(port))


PVCAUTH = Fact(name="pvcauth", host=HostKind.LPAR, build=_build, parse=_parse)
