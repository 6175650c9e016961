"""What the NIM master's inventory knows of the directory that an update is installed from."""

from collections.abc import Iterable, Sequence

from inventory.models import Lpar, LppSource
from liveupdate.lpar.subject import MediaContents
from liveupdate.procedures import words


def media_contents(lpar: Lpar, media: str) -> MediaContents | None:
    """The contents of the lpp_source in the media's directory on the LPAR's NIM master, as last read.

    None without media, for a directory of another server or of the LPAR, and where no lpp_source lies.
    """
    if not media or lpar.nim_master is None:
        return None
    try:
        source = words.media(media)
    except words.BadWord:
        return None
    if not is_master(lpar, source.server):
        return None
    found = (
        LppSource.objects.filter(nim_object__master=lpar.nim_master, nim_object__retired_at__isnull=True)
        .filter(location__in=(source.directory, f"{source.directory}/"))
        .select_related("nim_object__master__host")
        .order_by("-read_at")
    )
    here = (each for each in found if each.nim_object.get("server") in ("", "master"))
    return next(map(_contents, here), None)


def contents_of(lpar: Lpar, lpp_source: str) -> MediaContents | None:
    """The contents of the lpp_source that the LPAR's NIM master knows by this name, None without one."""
    found = LppSource.objects.filter(
        nim_object__master=lpar.nim_master, nim_object__retired_at=None, nim_object__name=lpp_source
    ).select_related("nim_object__master__host")
    return next(map(_contents, found), None)


def is_master(lpar: Lpar, server: str) -> bool:
    """Whether the LPAR's NIM master is meant, by name with or without its domain, or by address in full."""
    if lpar.nim_master is None:
        return False
    names = (lpar.nim_master.host.name, lpar.nim_master.host.address)
    first = server.partition(".")[0]
    return server in names or (not first.isdigit() and first in {name.partition(".")[0] for name in names})


def _contents(found: LppSource) -> MediaContents:
    return MediaContents(
        master=found.nim_object.master.host.name,
        lpp_source=found.nim_object.name,
        read_at=f"{found.read_at:%Y-%m-%d %H:%M} UTC",
        packages=None if found.packages is None else _by_name(found.packages),
        has_toc=_has_toc(found),
        problem=found.problem,
    )


def _by_name(packages: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    """The levels of each package: an lpp_source may hold several service packs."""
    levels: dict[str, list[str]] = {}
    for name, level, *_ in packages:
        levels.setdefault(name, []).append(level)
    return levels


def _has_toc(found: LppSource) -> bool | None:
    """A digest proves it is there; without one only an untroubled look proves that it is not."""
    if found.toc_digest:
        return True
    return None if found.problem or found.files is None else False
