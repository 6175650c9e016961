"""`lshwres -r proc --level lpar`: the processors of a partition."""

from dataclasses import dataclass
from decimal import Decimal

from inventory.command import Command, hmc
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.hmc_records import cores_if_any, count, only, records, text


@dataclass(frozen=True, slots=True)
class LparProcessors:
    """Processors of a partition: `mode` is `shared` (with `units` cores) or `ded` (units is None)."""

    lpar_name: str
    mode: str
    units: Decimal | None
    processors: int

    @property
    def cores(self) -> Decimal:
        """What the partition is entitled to, in cores."""
        return Decimal(self.processors) if self.units is None else self.units


def _build(managed_system: str, lpar_name: str) -> Command:
    return hmc(
        *("lshwres", "-r", "proc", "-m", managed_system, "--level", "lpar"),
        *("--filter", f"lpar_names={lpar_name}"),
    )


def _parse(output: Output) -> LparProcessors:
    record = only(records(output, "lshwres"), "LPAR")
    return LparProcessors(
        lpar_name=text(record, "lpar_name"),
        mode=text(record, "curr_proc_mode"),
        units=cores_if_any(record, "curr_proc_units"),
        processors=count(record, "curr_procs"),
    )


PROCESSORS_LPAR = Fact(
    name="processors_lpar",
    host=HostKind.HMC,
    build=_build,
    parse=_parse,
    params=("managed_system", "lpar_name"),
)
