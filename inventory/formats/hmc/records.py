"""The HMC's listing commands in general: each record with all its attributes, as text.

What the portal needs of some of them is a fact of its own; other columns and other resources read here.
"""

from inventory.facts.base import HostKind, Output
from inventory.facts.hmc_records import Record, records
from inventory.formats.base import Format
from inventory.formats.spelling import Invocation

_PROGRAMS = (
    *("lssyscfg", "lshwres", "lshmc", "lshmcusr", "lshmcldap", "lssysconn", "lscod", "lscodpool"),
    *("lslparmigr", "lsrefcode", "lsmemdev", "lssvcevents", "lsled", "lslic", "lsvlan", "lsnportlogin"),
    *("lsaccfg", "lslparutil", "lsrsdevsize", "lsrrstartlpar", "lsprofspace", "lsviosbk", "lsdump"),
)
_EXAMPLES = (
    *("lssyscfg -r <resource> -m <system> -F <columns>", "lssyscfg -r frame", "lssyscfg -r prof -m <system>"),
    *("lshwres -r <resource> -m <system> --level <level>", "lshwres -r io -m <system> --rsubtype slot"),
    *(
        f"lshwres -r virtualio --rsubtype {kind} -m <system> --level lpar"
        for kind in ("scsi", "fc", "eth", "slot", "serial", "vnic")
    ),
    *("lshmc -n", "lshmc -r", "lssysconn -r all", "lscod -t <type>", "lscodpool -p <pool> --level pool"),
    *("lslparmigr -r lpar -m <system>", "lsrefcode -r lpar -m <system>", "lssvcevents -t hardware"),
)


def read(output: Output, given: Invocation) -> list[Record]:
    """The records; `-F` names the columns where the output itself does not."""
    return records(output, given.program, given.columns())


HMC_RECORDS = Format(
    "hmc_records", HostKind.HMC, (*_EXAMPLES, *(f"{program} …" for program in _PROGRAMS)), read
)
