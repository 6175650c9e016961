"""The interim fixes that the NIM master of an LPAR holds, as the form of a request shows them."""

from dataclasses import dataclass

from inventory.models import Lpar, NimIfix
from liveupdate.lpar.ifix_packages import ASKED
from liveupdate.procedures.procedure import Procedure

CAPABILITY = {
    True: ("ok", "Live Update"),
    False: ("blocker", "Needs a reboot"),
    None: ("unknown", "Not told"),
}
"""What a package says of itself: the badge's kind and words."""
MOST = 60


@dataclass(frozen=True, slots=True)
class PackageAtHand:
    """A package file with what a request needs to name it."""

    file: str
    label: str
    lpp_source: str
    media: str
    kind: str
    capability: str


def packages_at_hand(lpar: Lpar, procedure: Procedure) -> list[PackageAtHand]:
    """The packages in the lpp_sources of the LPAR's NIM master as last read, in one query.

    None for a procedure that asks for no packages.
    """
    if lpar.nim_master is None or all(ask.name != ASKED for ask in procedure.asks):
        return []
    rows = NimIfix.objects.filter(
        lpp_source__nim_object__master=lpar.nim_master, lpp_source__nim_object__retired_at=None
    ).select_related("lpp_source__nim_object")
    return [_at_hand(row, lpar.nim_master.host.name) for row in rows[:MOST]]


def _at_hand(row: NimIfix, server: str) -> PackageAtHand:
    directory = f"{row.lpp_source.location.rstrip('/')}/{row.path}".rpartition("/")[0]
    kind, words = CAPABILITY[row.lu_capable]
    return PackageAtHand(
        file=row.path.rpartition("/")[2],
        label=row.label,
        lpp_source=row.lpp_source.nim_object.name,
        media=f"{server}:{directory}",
        kind=kind,
        capability=words,
    )
