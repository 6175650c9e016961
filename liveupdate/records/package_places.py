"""Where the interim fix packages lie that a request names, and on which host they can be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from inventory.facts.base import HostKind
from inventory.models import Lpar, LppSource, NimIfix
from liveupdate.lpar.ifix_packages import ASKED
from liveupdate.models import Request
from liveupdate.procedures import words
from liveupdate.records.media_contents import is_master

LPP_SOURCE = "lpp_source"
"""The Ask that names an lpp_source of the LPAR's NIM master."""
DIRECTORY = "ifix_directory"
"""The Ask that says where on the NIM master the packages lie when there is no such lpp_source yet."""


@dataclass(frozen=True, slots=True)
class Place:
    """A package's file on the LPAR or its NIM master."""

    host: HostKind
    path: str


def places_of(request: Request) -> dict[str, Place]:
    """The places by file; without those on a server that the portal does not know as the NIM master."""
    files = [line for line in str(request.choices.get(ASKED, "")).splitlines() if line]
    found = _directory(request) if files else None
    if found is None:
        return {}
    host, directory = found
    below = _below(request.lpar, directory) if host is HostKind.NIM_MASTER else {}
    root = directory.rstrip("/")
    return {file: Place(host, f"{root}/{below.get(file, file)}") for file in files}


def also_read(request: Request) -> Mapping[HostKind, Mapping[str, Sequence[str]]]:
    """What a look for this request reads besides: its packages, and its lpp_source."""
    places = places_of(request).values()
    paths = {
        host: [place.path for place in places if place.host is host]
        for host in (HostKind.LPAR, HostKind.NIM_MASTER)
    }
    source = request.choices.get(LPP_SOURCE, "")
    return {
        HostKind.LPAR: {"ifix_file": paths[HostKind.LPAR]},
        HostKind.NIM_MASTER: {
            "ifix_file": paths[HostKind.NIM_MASTER],
            "nim_name": [source] if source else [],
        },
    }


def _directory(request: Request) -> tuple[HostKind, str] | None:
    if source := request.choices.get(LPP_SOURCE):
        directory = _location(request.lpar, source) or request.choices.get(DIRECTORY, "")
        return (HostKind.NIM_MASTER, directory) if directory else None
    try:
        media = words.media(request.media)
    except words.BadWord:
        return None
    if not media.mounted:
        return HostKind.LPAR, media.directory
    return (HostKind.NIM_MASTER, media.directory) if is_master(request.lpar, media.server) else None


def _location(lpar: Lpar, lpp_source: str) -> str:
    found = _sources(lpar).filter(nim_object__name=lpp_source).values_list("location", flat=True)
    return found.first() or ""


def _below(lpar: Lpar, directory: str) -> dict[str, str]:
    """The packages of an lpp_source as it was last read, by file: some lie in `emgr/ppc`."""
    root = directory.rstrip("/")
    sources = _sources(lpar).filter(location__in=(root, f"{root}/"))
    paths = NimIfix.objects.filter(lpp_source__in=sources).values_list("path", flat=True)
    return {path.rpartition("/")[2]: path for path in paths}


def _sources(lpar: Lpar) -> QuerySet[LppSource]:
    return LppSource.objects.filter(
        nim_object__master=lpar.nim_master_id, nim_object__retired_at__isnull=True
    )
