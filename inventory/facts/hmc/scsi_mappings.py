"""`lsmap -all` of a VIOS, asked through its HMC: what backs the virtual SCSI disks of its clients."""

import re
from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_TITLE = re.compile(r"SVSA\s+Physloc\s+Client Partition ID")
_ADAPTER = re.compile(r"\S+\s+\S*-C(?P<slot>[0-9]+)\s+0x(?P<client>[0-9a-fA-F]{8})")
_RULER = re.compile(r"[-\s]+")
_NOTHING = re.compile(r"(?:VTD\s+)?NO VIRTUAL TARGET DEVICE FOUND")
_VALUE = re.compile(r"(?P<name>VTD|Status|LUN|Backing device|Physloc|Mirrored)(?:\s+(?P<value>\S.*))?")


@dataclass(frozen=True, slots=True)
class Mapping:
    """A virtual target device; `backing` and `location` are as printed, empty where nothing is.

    A physical volume has a physical location; a logical volume and a file have none.
    """

    vios_slot: str
    client_id: int
    target: str
    backing: str
    location: str


def _build(managed_system: str, scsi_server: str) -> Command:
    return hmc("viosvrcmd", "-m", managed_system, "-p", scsi_server, "-c", "lsmap -all")


def _parse(output: Output) -> tuple[Mapping, ...]:
    lines = filled(answer(output, "lsmap"))
    if not lines or not _TITLE.fullmatch(lines[0].strip()):
        raise Unparsable("lsmap -all did not print its heading", lines[0] if lines else "")
    found: list[Mapping] = []
    adapter: re.Match[str] | None = None
    values: dict[str, str] = {}
    for line in lines:
        said = line.strip()
        if _TITLE.fullmatch(said) or _RULER.fullmatch(line) or _NOTHING.fullmatch(said):
            continue
        server, value = _ADAPTER.fullmatch(said), _VALUE.fullmatch(said)
        if server is None and (value is None or adapter is None):
            raise Unparsable("not a line of lsmap -all", line)
        if server or (value and value["name"] == "VTD"):
            found += _mapping(adapter, values)
            values = {}
        adapter = server or adapter
        if value and not server:
            values[value["name"]] = value["value"] or ""
    return (*found, *_mapping(adapter, values))


def _mapping(adapter: re.Match[str] | None, values: dict[str, str]) -> list[Mapping]:
    if adapter is None or "VTD" not in values:
        return []
    return [
        Mapping(
            vios_slot=adapter["slot"],
            client_id=int(adapter["client"], 16),
            target=values["VTD"],
            backing=values.get("Backing device", ""),
            location=values.get("Physloc", ""),
        )
    ]


SCSI_MAPPINGS = Fact(
    name="scsi_mappings",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system", "scsi_server"),
)
