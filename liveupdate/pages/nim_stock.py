"""What the NIM master of an LPAR holds, for the form of a request to choose from."""

from collections.abc import Collection
from dataclasses import dataclass

from inventory.models import Lpar, LppSource, NimIfix
from liveupdate.lpar.ifix_packages import ASKED
from liveupdate.procedures.procedure import Procedure

CAPABILITY = {
    True: "for Live Update",
    False: "needs a reboot",
    None: "not told whether Live Update can apply it",
}
"""What a package says of itself."""
MOST = 60


@dataclass(frozen=True, slots=True)
class PackageAtHand:
    """A package file, with what a request needs to name it."""

    file: str
    lpp_source: str
    media: str
    capability: str

    @property
    def place(self) -> str:
        """The file with its directory, which tells it apart."""
        return f"{self.media}/{self.file}"

    @property
    def title(self) -> str:
        """As the form offers it."""
        return f"{self.file} — {self.capability}, in {self.lpp_source}"


@dataclass(frozen=True, slots=True)
class Stock:
    """The lpp_sources by name with their directories (`SERVER:/directory`), and interim fix packages."""

    sources: tuple[tuple[str, str], ...] = ()
    packages: tuple[PackageAtHand, ...] = ()

    def known(self, ask: str) -> list[tuple[str, str]]:
        """Values known for an Ask, each with what it is."""
        match ask:
            case "lpp_source":
                return [(name, directory) for name, directory in self.sources]
            case "media":
                return [(directory, f"lpp_source {name}") for name, directory in self.sources]
        return []


def stock_for(lpar: Lpar, procedure: Procedure) -> Stock:
    """What the LPAR's NIM master holds of what this procedure asks for, as last read: two queries at most."""
    asked = {ask.name for ask in procedure.asks}
    if lpar.nim_master is None:
        return Stock()
    packages = _packages(lpar) if ASKED in asked else ()
    return Stock(_sources(lpar, asked), packages)


def _sources(lpar: Lpar, asked: Collection[str]) -> tuple[tuple[str, str], ...]:
    assert lpar.nim_master is not None
    if not {"lpp_source", "media"} & set(asked):
        return ()
    rows = LppSource.objects.filter(nim_object__master=lpar.nim_master, nim_object__retired_at=None)
    named = rows.order_by("nim_object__name").values_list("nim_object__name", "location")
    return tuple((name, f"{lpar.nim_master.host.name}:{location}") for name, location in named[:MOST])


def _packages(lpar: Lpar) -> tuple[PackageAtHand, ...]:
    assert lpar.nim_master is not None
    rows = NimIfix.objects.filter(
        lpp_source__nim_object__master=lpar.nim_master, lpp_source__nim_object__retired_at=None
    ).select_related("lpp_source__nim_object")
    return tuple(_at_hand(row, lpar.nim_master.host.name) for row in rows[:MOST])


def _at_hand(row: NimIfix, server: str) -> PackageAtHand:
    directory = f"{row.lpp_source.location.rstrip('/')}/{row.path}".rpartition("/")[0]
    return PackageAtHand(
        file=row.path.rpartition("/")[2],
        lpp_source=row.lpp_source.nim_object.name,
        media=f"{server}:{directory}",
        capability=CAPABILITY[row.lu_capable],
    )
