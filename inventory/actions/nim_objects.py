"""Keep what a discovery read of a NIM master's objects; callers hold the master's row and a transaction."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from inventory.discovery.nim_estate import FoundData, FoundIfix, FoundSource, NimEstate
from inventory.discovery.nim_links import KnownLpar, Link, links
from inventory.facts.aix.niminfo import NIMINFO
from inventory.facts.base import Output, Unparsable
from inventory.facts.level import vrmf
from inventory.facts.nim.nim_contents import Package
from inventory.facts.nim_objects import NimStanza
from inventory.models import FactReading, LiveUpdateData, Lpar, LppSource, NimIfix, NimMaster, NimObject

KERNEL = "bos.mp64"
FILESET_LEVEL = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){3}")


def keep_objects(master: NimMaster, estate: NimEstate) -> None:
    """Attributes, links to LPARs and contents of the objects that the inventory has of this master."""
    rows = {row.name: row for row in master.nim_objects.in_service()}
    linked = links(estate.objects, known_lpars(master))
    read = [rows[name] for name in estate.objects if name in rows]
    for row in read:
        _keep_object(row, estate.objects[row.name], linked.get(row.name))
    master.nim_objects.filter(pk__in=[row.pk for row in read]).update(read_at=estate.read_at)
    for name, source in estate.sources.items():
        if name in rows:
            _keep_source(rows[name], source, estate.read_at)
    for name, data in estate.data.items():
        if name in rows:
            _keep_data(rows[name], data, estate.read_at)


def known_lpars(master: NimMaster) -> list[KnownLpar]:
    """The LPARs that may be this master's clients: its own, and those that have none."""
    lpars = Lpar.objects.in_service().filter(Q(nim_master=master) | Q(nim_master=None))
    rows = list(lpars.select_related("host", "managed_system"))
    said = _own_words([lpar.host_id for lpar in rows])
    return [
        KnownLpar(lpar.pk, lpar.name, lpar.managed_system.serial, lpar.lpar_id, said.get(lpar.host_id, ""))
        for lpar in rows
    ]


def kernel_level(packages: Iterable[Package]) -> str:
    """The highest level of the kernel's fileset; empty where there is none."""
    levels = {each.level for each in packages if each.name == KERNEL and FILESET_LEVEL.fullmatch(each.level)}
    return max(levels, key=vrmf, default="")


def _own_words(hosts: list[int]) -> dict[int, str]:
    """What LPARs' own /etc/niminfo says that NIM calls them."""
    said = {}
    readings = FactReading.objects.filter(subject__in=hosts, fact=NIMINFO.name, current=True)
    for row in readings:
        try:
            info = NIMINFO.parse(Output(row.stdout, row.stderr, row.status))
        except Unparsable:
            continue
        if info is not None:
            said[row.subject_id] = info.name
    return said


def _keep_object(row: NimObject, stanza: NimStanza, link: Link | None) -> None:
    """Keep what was read of an object, if anything of it is new."""
    values = {
        "object_class": stanza.cls[:40],
        "object_type": stanza.type[:40],
        "attributes": {name: list(values) for name, values in stanza.attributes.items()},
        "lpar_id": link.row if link else None,
        "linked_by": link.ground if link else NimObject.Ground.NONE.value,
    }
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if changed:
        NimObject.objects.filter(pk=row.pk).update(**changed)


def _keep_source(row: NimObject, found: FoundSource, read_at: datetime) -> None:
    """What was read whole replaces what was known; otherwise that stays, and says why it is old."""
    known = LppSource.objects.filter(nim_object=row).first()
    if found.problem and known is not None and known.contents_digest:
        known.problem = found.problem
        known.save(update_fields=["problem"])
        return
    source, _ = LppSource.objects.update_or_create(
        nim_object=row,
        defaults={
            "location": found.location,
            "packages": None
            if found.packages is None
            else [[p.name, p.level, p.kind] for p in found.packages],
            "package_count": None if found.packages is None else len(found.packages),
            "kernel_level": kernel_level(found.packages or ()),
            "files": found.files,
            "size_mb": found.size_mb,
            "toc_digest": found.toc_digest,
            "contents_digest": found.contents_digest,
            "problem": found.problem,
            "read_at": read_at,
        },
    )
    if found.ifixes is not None:
        _keep_ifixes(source, {each.path: each for each in found.ifixes})


def _keep_ifixes(source: LppSource, found: Mapping[str, FoundIfix]) -> None:
    capable = dict(
        NimIfix.objects.filter(digest__in=[each.digest for each in found.values()])
        .exclude(digest="")
        .exclude(lu_capable=None)
        .values_list("digest", "lu_capable")
    )
    source.ifixes.exclude(path__in=found).delete()
    NimIfix.objects.bulk_create(
        [
            NimIfix(
                lpp_source=source,
                path=path,
                label=each.label[:60],
                digest=each.digest,
                lu_capable=capable.get(each.digest) if each.lu_capable is None else each.lu_capable,
            )
            for path, each in found.items()
        ],
        update_conflicts=True,
        unique_fields=["lpp_source", "path"],
        update_fields=["label", "digest", "lu_capable"],
    )


def _keep_data(row: NimObject, found: FoundData, read_at: datetime) -> None:
    known = LiveUpdateData.objects.filter(nim_object=row).first()
    if found.problem and known is not None and known.text is not None and found.location == known.location:
        known.problem = found.problem
        known.save(update_fields=["problem"])
        return
    values = {"location": found.location, "text": found.text, "digest": found.digest}
    LiveUpdateData.objects.update_or_create(
        nim_object=row, defaults={**values, "problem": found.problem, "read_at": read_at}
    )
