"""Where a worker's spool lies, and whether anything may be begun with it as it is."""

import errno
import os
import re
from pathlib import Path

from django.conf import settings

from portal.lib.errors import Conflict

MB = 1024 * 1024
OUTPUT = "output"
"""The folder of output that waits for the record."""
OUTPUT_FILE = re.compile(r"run-(?P<run>\d+)-command-(?P<command>\d+)\.log")
"""How its files are named, one for each command."""


class SpoolFailed(Conflict):
    """The spool could not take what must be in it before anything is sent."""

    code = "spool_failed"


def spool_directory() -> Path:
    """The directory that the settings name."""
    return Path(settings.PORTAL_SPOOL_DIR)


def failed(error: OSError, doing: str) -> SpoolFailed:
    """The refusal for a failed write, in a sentence."""
    what = os.strerror(error.errno) if error.errno else str(error)
    return SpoolFailed(
        f"The worker's spool {spool_directory()} cannot {doing} ({what}): nothing new is sent.",
        remedy="Make room or mend its device; waiting runs go on by themselves.",
        code="spool_unwritable",
    )


def make_folder(path: Path) -> None:
    """A directory that only this account may enter, with those above it in the spool. Raises OSError."""
    top = spool_directory()
    for each in reversed([path, *(above for above in path.parents if above.is_relative_to(top))]):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)


def spool_problems() -> list[Conflict]:
    """Why no command may be sent as this machine's disks are: codes `spool_unwritable`, `disk_low`."""
    spool = spool_directory()
    try:
        make_folder(spool)
        if not os.access(spool, os.W_OK | os.X_OK) or os.statvfs(spool).f_flag & os.ST_RDONLY:
            return [failed(OSError(errno.EROFS, ""), "be written")]
        return _low([spool, Path(settings.LEDGER_ANCHOR_FILE).parent])
    except OSError as error:
        return [failed(error, "be written")]


def _low(places: list[Path]) -> list[Conflict]:
    floor = settings.PORTAL_DISK_FLOOR_MB * MB
    problems: list[Conflict] = []
    for place in places:
        if not place.exists():
            continue
        held = os.statvfs(place)
        free = held.f_bavail * held.f_frsize
        if free < floor:
            problems.append(
                Conflict(
                    f"The disk of {place} has {free // MB} MB left, less than the {floor // MB} MB that "
                    "must stay free: nothing new is sent.",
                    remedy="Make room on it, or lower PORTAL_DISK_FLOOR_MB.",
                    code="disk_low",
                )
            )
    return problems
