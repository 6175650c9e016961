"""`procfiles -n PID`: which files under /proc a process holds open.

It is asked only where lsof is not installed, for processes that run a program known to read /proc.
"""

import re

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_TITLE = re.compile(r"[0-9]{1,10}\s*:.*")
_FILE = re.compile(r"\s+(?:[0-9]+: S_IF[A-Z]+ .*|O_[A-Z].*|size:[0-9]+.*|Current rlimit: .*)")
_UNDER_PROC = re.compile(r"(?:.*\s|.*\bname:)/?(/proc(?:/\S*)?)")


def _build(pid: str) -> Command:
    return aix("procfiles", "-n", pid)


def parse(output: Output) -> tuple[str, ...]:
    """The paths under /proc, in the order listed."""
    lines = filled(answer(output, "procfiles"))
    if not lines or not _TITLE.fullmatch(lines[0]):
        raise Unparsable("not the files of a process", lines[0] if lines else "")
    paths = []
    for line in lines[1:]:
        if not _FILE.fullmatch(line):
            raise Unparsable("not an open file", line)
        if match := _UNDER_PROC.fullmatch(line):
            paths.append(match[1])
    return tuple(paths)


OPEN_PROC_FILES = Fact(
    "open_proc_files", HostKind.LPAR, _build, parse, params=("proc_reader",), volatile=True
)
