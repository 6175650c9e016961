"""Which lpp_sources hold a cure of an advisory, and whether Live Update can apply it."""

from dataclasses import dataclass

from inventory.facts.level import vrmf
from inventory.models import Advisory, LppSource, NimIfix

CAPABLE = {True: "capable", None: "capability_unknown", False: "incapable"}


@dataclass(frozen=True, slots=True)
class FixAtHand:
    """A cure in an lpp_source: the package, and `capable`, `incapable` or `capability_unknown`.

    An update is capable: Live Update applies filesets with `update_all`.
    """

    lpp_source: str
    master: str
    what: str
    capability: str


def ifixes_at_hand() -> dict[str, list[FixAtHand]]:
    """The interim fixes in all lpp_sources by their labels, in one query."""
    held: dict[str, list[FixAtHand]] = {}
    rows = NimIfix.objects.filter(lpp_source__nim_object__retired_at=None)
    for row in rows.select_related("lpp_source__nim_object__master__host"):
        held.setdefault(row.label, []).append(_ifix(row))
    return held


def cures_among(held: dict[str, list[FixAtHand]], advisory: Advisory) -> list[FixAtHand]:
    """Those of `ifixes_at_hand` that the list names for this advisory, what Live Update can apply first."""
    fixes = [fix for label in advisory.labels for fix in held.get(label, ())]
    return sorted(fixes, key=lambda fix: list(CAPABLE.values()).index(fix.capability))


def updates_at_hand(advisory: Advisory) -> list[FixAtHand]:
    """The lpp_sources that hold an affected fileset at a level without the fault."""
    rows = LppSource.objects.filter(nim_object__retired_at=None).select_related("nim_object__master__host")
    return [
        FixAtHand(source.nim_object.name, str(source.nim_object.master), what, "capable")
        for source in rows
        if (what := _cured_fileset(source, advisory))
    ]


def _ifix(row: NimIfix) -> FixAtHand:
    nim_object = row.lpp_source.nim_object
    return FixAtHand(nim_object.name, str(nim_object.master), row.path, CAPABLE[row.lu_capable])


def _cured_fileset(source: LppSource, advisory: Advisory) -> str:
    """An affected fileset that the source holds above the affected levels of its release, as `NAME LEVEL`."""
    highest = {affected["fileset"]: vrmf(affected["high"]) for affected in advisory.ranges}
    for name, level, _kind in source.packages or ():
        high = highest.get(name)
        if high is None:
            continue
        try:
            held = vrmf(level)
        except ValueError:
            continue
        if held > high and held[:2] == high[:2]:
            return f"{name} {level}"
    return ""
