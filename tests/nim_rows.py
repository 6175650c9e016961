"""What a discovery of the fleet's NIM master would have left in the inventory, for tests of pages."""

from typing import Any

from inventory.models import LiveUpdateData, LppSource, NimIfix, NimMaster, NimObject
from portal.lib.clock import now
from tests.fleet import Fleet

DIGEST = "sha256:" + "9f3c41aa70d2" * 5 + "0000"
OBJECTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "master": ("machines", "master", {"Cstate": "ready for a NIM operation", "ssl_support": "yes"}),
    "hmc01": ("management", "hmc", {"if1": "find_net hmc01 0", "Cstate": "ready for a NIM operation"}),
    "9080-M9S_78A1234": ("management", "cec", {"serial": "9080-M9S*78A1234", "hmc": "hmc01"}),
    "pay01": (
        "machines",
        "standalone",
        {"connect": "nimsh (secure)", "mgmt_profile1": "hmc01 26 9080-M9S_78A1234"},
    ),
    "web01": ("machines", "standalone", {"connect": "nimsh", "mgmt_profile1": "hmc01 99 9080-M9S_78A1234"}),
    "pay02": ("machines", "standalone", {"mgmt_profile1": "", "Cstate": "\x1b[31mbusy"}),
    "7200-05-04_lpp": (
        "resources",
        "lpp_source",
        {"Rstate": "ready for use", "location": "/export/aix72/full"},
    ),
    "lku-ifixes": ("resources", "lpp_source", {"Rstate": "ready for use", "location": "/export/nim/lku"}),
    "lud_pay01": (
        "resources",
        "live_update_data",
        {"Rstate": "ready for use", "location": "/export/nim/lud"},
    ),
}


def make_nim(fleet: Fleet) -> NimMaster:
    """The objects; web02 has none, and the profiles of web01 and pay02 are wrong."""
    master = NimMaster.objects.get()
    rows = {
        name: NimObject.objects.create(
            master=master,
            name=name,
            object_class=cls,
            object_type=kind,
            attributes={key: [value] for key, value in {"class": cls, "type": kind, **attributes}.items()},
            lpar=fleet.lpars.get(name),
            linked_by="name" if name in fleet.lpars else "",
            read_at=now(),
        )
        for name, (cls, kind, attributes) in OBJECTS.items()
    }
    packages = [["bos.mp64", "7.2.5.200", "installp"], ["bos.rte", "7.2.5.200", "installp"]]
    _source(
        rows["7200-05-04_lpp"],
        packages=packages,
        package_count=2,
        kernel_level="7.2.5.200",
        toc_digest=DIGEST,
    )
    fixes = _source(
        rows["lku-ifixes"], packages=[], package_count=0, problem="nim_contents: the resource is busy."
    )
    for label, capable in (("IJ36810s3a", True), ("IJ41685m3a", False), ("IJ00000s1a", None)):
        path = f"emgr/ppc/{label}.epkg.Z"
        NimIfix.objects.create(lpp_source=fixes, path=path, label=label, digest=DIGEST, lu_capable=capable)
    text = "disks:\n\tnhdisk = hdisk2\n"
    LiveUpdateData.objects.create(
        nim_object=rows["lud_pay01"], location="/export/nim/lud", text=text, digest=DIGEST, read_at=now()
    )
    return master


def _source(row: NimObject, **fields: Any) -> LppSource:
    given = {"files": 4210, "size_mb": 5120, "contents_digest": DIGEST, **fields}
    return LppSource.objects.create(nim_object=row, location=row.get("location"), read_at=now(), **given)
