"""RQ-177: nothing else installs software or copies rootvg at the same time."""

import re

from inventory.facts.aix.processes import Process
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import process_lines
from liveupdate.readiness.programs import named, running

INSTALLERS = re.compile(
    r"installp|geninstall|install_all_updates|emgr|nimadm|alt_disk_\w+|alt_rootvg_op|multibos"
)
ONLY_LOOKS = {
    "emgr": re.compile(r"-[lPcd].*"),
    "installp": re.compile(r"-[a-zA-Z]*[Lls][a-zA-Z]*"),
    "geninstall": re.compile(r"-[a-zA-Z]*L"),
    "alt_rootvg_op": re.compile(r"-[a-zA-Z]*q"),
}
"""What makes a command list things only: the portal's own looks are such, of this look or another."""


def _test(subject: Subject) -> Outcome:
    """Look for the programs by name; those that only list are no installation."""
    found = [process for process in running(subject, INSTALLERS) if not _only_looks(process)]
    evidence = (process_lines(subject, found),)
    if not found:
        return Outcome(FindingState.OK, "Nothing is being installed.", evidence)
    message = f"Software is being installed or rootvg copied: {named(found, INSTALLERS)}."
    return Outcome(FindingState.BLOCKER, message, evidence)


def _only_looks(process: Process) -> bool:
    words = process.arguments.split()
    for position, word in enumerate(words):
        pattern = ONLY_LOOKS.get(word.rpartition("/")[2])
        if pattern is not None:
            return any(pattern.fullmatch(option) for option in words[position + 1 :])
    return False


CHECK = Check(
    id="RQ-177",
    title="Nothing else is being installed",
    why="Two installations at once spoil the software database, and rootvg must not change while it is "
    "cloned.",
    remedy="Wait for its end.",
    see="ps -ef | egrep 'installp|emgr|alt_disk|geninstall|nimadm' shows no process",
    severity=Severity.BLOCKER,
    test=_test,
)
