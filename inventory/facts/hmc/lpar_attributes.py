"""`lssyscfg -r lpar` with all attributes: what runs in a partition, and what it is enabled for."""

from dataclasses import dataclass

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.hmc_records import Record, only, records, text

_CAPABILITIES = (
    "remote_restart_capable",
    "simplified_remote_restart_capable",
    "suspend_capable",
)


@dataclass(frozen=True, slots=True)
class LparAttributes:
    """Which special capabilities (`remote_restart_capable`, …) the HMC knows of, and whether they are on.

    `environment` is what runs there: `aixlinux`, `vioserver`, `os400`; empty if the HMC does not say.
    """

    name: str
    environment: str
    capabilities: dict[str, bool]


def _build(managed_system: str, lpar_name: str) -> Command:
    return hmc("lssyscfg", "-r", "lpar", "-m", managed_system, "--filter", f"lpar_names={lpar_name}")


def _parse(output: Output) -> LparAttributes:
    record = only(records(output, "lssyscfg"), "LPAR")
    known = [name for name in _CAPABILITIES if record.get(name, "unavailable") not in ("", "unavailable")]
    return LparAttributes(
        name=text(record, "name"),
        environment=record.get("lpar_env", ""),
        capabilities={name: _flag(record, name) for name in known},
    )


def _flag(record: Record, name: str) -> bool:
    if record[name] not in ("0", "1"):
        raise Unparsable(f"{name} is neither 0 nor 1", f"{name}={record[name]}")
    return record[name] == "1"


LPAR_ATTRIBUTES = Fact(
    name="lpar_attributes",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system", "lpar_name"),
)
