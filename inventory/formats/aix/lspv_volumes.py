"""`lspv -l DISK`: the logical volumes on a disk."""

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import first_line
from inventory.formats.base import plain
from inventory.formats.tables import Row, table

_TITLE = r"LV NAME\s+LPs\s+PPs\s+DISTRIBUTION\s+MOUNT POINT"
_ROW = (
    r"(?P<name>\S+)\s+(?P<lps>[0-9]+)\s+(?P<pps>[0-9]+)\s+(?P<distribution>[0-9.]+)\s+(?P<mount_point>\S.*)"
)


def parse(output: Output) -> Row:
    """The disk and its volumes."""
    head = first_line(output.stdout)
    if not head.endswith(":"):
        raise Unparsable("lspv -l did not print the disk", head)
    rest = Output(output.stdout.partition(head)[2], output.stderr, output.status)
    return {"disk": head[:-1], "volumes": table(rest, "lspv -l", _TITLE, _ROW, numbers=("lps", "pps"))}


LSPV_VOLUMES = plain("lspv_volumes", HostKind.LPAR, "lspv -l <disk>", parse=parse)
