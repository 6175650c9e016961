"""`cat /proc/version`: which kernel runs, whatever lies on the disk."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_DATE = re.compile(r"[A-Z][a-z]{2}\s+[0-9]{1,2}\s+[0-9]{4}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}")


@dataclass(frozen=True, slots=True)
class RunningKernel:
    """The running kernel: its build `tag` (`2218B_72X`, or an interim fix's label) and build time."""

    tag: str
    built: str


def parse(output: Output) -> RunningKernel:
    """The four lines date, time, tag and kdb information, which repeats the other three."""
    lines = filled(answer(output, "cat /proc/version", closed=r"@\(#\) .*"))
    if len(lines) != 4:
        raise Unparsable("not the four lines of /proc/version", lines[0] if lines else "")
    date, time, tag, kdb = lines
    if not _DATE.fullmatch(date):
        raise Unparsable("not a build date", date)
    if not _TIME.fullmatch(time):
        raise Unparsable("not a build time", time)
    if not kdb.startswith("@(#) _kdb_buildinfo ") or not kdb.endswith(tag):
        raise Unparsable("not the kdb information of this build", kdb)
    return RunningKernel(tag.split()[0], f"{date} {time}")


PROC_VERSION = Fact("proc_version", HostKind.LPAR, lambda: aix("cat", "/proc/version"), parse)
