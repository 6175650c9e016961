"""Under which program a process runs, told by words of its command line, not by parts of them."""

import re
from pathlib import PurePosixPath

from inventory.facts.aix.processes import Process

MONITORS = re.compile(
    r"n[ij]?mon(?:[0-9]+[a-z]?)?(?:_(?:aix|power)\w*)*|topas(?:_nmon)?|"
    r"lpar2rrd(?:[-_]agent)?(?:\.pl)?|zabbix_agent[d2]?|ucybsmgr"
)
"""Programs of monitoring that are known to read /proc."""

READERS_OF_PROC = re.compile(rf"truss|dbx|gdb|{MONITORS.pattern}")
"""All programs that are known to hold files under /proc open."""

BACKUP_AGENTS = re.compile(r"dsmc|dsmcad|dsmsta|bpcd|vnetd|nbdisco|nsrexecd|cvd")
"""Spectrum Protect, NetBackup, NetWorker, Commvault."""

_STARTS_OTHERS = re.compile(
    r"-?(?:b|k|c|tc|ba)?sh|ksh93|perl[0-9.]*|python[0-9.]*|env|nice|nohup|timex?|sudo"
)


def program_of(process: Process, programs: re.Pattern[str]) -> str:
    """The name under which a process runs one of these programs, empty if it runs none.

    A program that is only an argument (`vi nmon.conf`, `grep truss`) does not run; one that a shell,
    perl or the like was given to run does. A colon ends the name that a daemon gave itself.
    """
    for word in process.arguments.split():
        name = PurePosixPath(word).name.rstrip(":")
        if programs.fullmatch(name):
            return name
        if not (_STARTS_OTHERS.fullmatch(name) or word.startswith("-") or word.isdigit()):
            break
    return ""
