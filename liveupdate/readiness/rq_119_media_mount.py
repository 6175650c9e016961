"""RQ-119: the mount that the update is installed from stays up."""

from inventory.facts.aix.mount import MOUNT, Mount
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import words
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with

MOUNT_POINT = "/mnt"


def _test(subject: Subject) -> Outcome:
    mounts = subject.value(MOUNT)
    if not subject.media:
        return Outcome(FindingState.NOT_APPLICABLE, "Nobody has named the media yet.")
    media = words.media(subject.media)
    directory = MOUNT_POINT if media.mounted else media.directory
    mount = _holding(mounts, directory)
    evidence = (lines_with(subject, MOUNT, having=(mount.mount_point,)),) if mount else ()
    if media.mounted and (mount is None or mount.mount_point != MOUNT_POINT):
        message = f"The plan mounts {media} at {MOUNT_POINT} for the installation and unmounts it afterwards."
        return Outcome(FindingState.OK, message, evidence)
    if media.mounted and mount and (mount.node, mount.device) != (media.server, media.directory):
        message = f"{MOUNT_POINT} is taken by {mount.node} {mount.device}".replace("  ", " ")
        return Outcome(FindingState.WARNING, f"{message}: unmount it before the update.", evidence)
    if mount is None or not mount.vfs.startswith("nfs"):
        message = f"{directory} lies on the LPAR itself."
        return Outcome(FindingState.NOT_APPLICABLE, message, evidence)
    if "soft" in mount.options.split(","):
        message = f"{mount.mount_point} is mounted soft: a pause of the server would fail the installation."
        return Outcome(FindingState.WARNING, message, evidence)
    return Outcome(FindingState.OK, f"The media are mounted at {mount.mount_point} over NFS.", evidence)


def _holding(mounts: tuple[Mount, ...], directory: str) -> Mount | None:
    """The mount that a directory lies on, except the root's."""
    above = [
        each
        for each in mounts
        if each.mount_point != "/" and f"{directory}/".startswith(f"{each.mount_point.rstrip('/')}/")
    ]
    return max(above, key=lambda each: len(each.mount_point), default=None)


CHECK = Check(
    id="RQ-119",
    title="The mount of the media",
    why="The installation reads from it until the surrogate starts; a mount that goes away or gives up stops "
    "the update half way.",
    remedy="Unmount what lies on /mnt, and mount the media hard (the default) and read-only.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-119",
    see="mount (the media read-only and hard, or nothing on /mnt)",
    recalled=True,
)
