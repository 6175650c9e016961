"""Which mounted file systems Live Update does not carry over, by type: for readiness and plans alike."""

from inventory.facts.aix.mount import MOUNT, Mount
from inventory.facts.aix.wpars import WPARS
from liveupdate.lpar.subject import Subject

SUPPORTED = frozenset({"jfs2", "nfs", "nfs3", "nfs4", "procfs", "autofs"})
"""AutoFS depends on the level besides (RQ-115)."""

WPAR_BASE = "/wpars/"
DEFINED = "D"


def unsupported_mounts(subject: Subject) -> list[Mount]:
    """Those of other types, in the order mounted.

    What a workload partition that runs has mounted below its base directory (/usr, /opt and /proc of
    the LPAR, as namefs) goes when it is stopped for the update, and is no mount of the LPAR's own.
    """
    mounts = [each for each in subject.value(MOUNT) if each.vfs not in SUPPORTED]
    if not any(each.mount_point.startswith(WPAR_BASE) for each in mounts):
        return mounts
    bases = tuple(f"{WPAR_BASE}{wpar.name}/" for wpar in subject.value(WPARS) if wpar.state != DEFINED)
    return [each for each in mounts if not each.mount_point.startswith(bases)]
