"""RQ-165: channel 0 of the system trace should be free."""

import re

from inventory.facts.aix.processes import Process
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import process_lines
from liveupdate.readiness.programs import named, running

TRACE = re.compile(r"trcd|trace")


def _test(subject: Subject) -> Outcome:
    """Look for the daemon by name; one that traces to a generic channel (-g) leaves channel 0 alone."""
    found = [process for process in running(subject, TRACE) if not _on_a_generic_channel(process)]
    evidence = (process_lines(subject, found),)
    if not found:
        return Outcome(FindingState.OK, "No system trace runs on channel 0.", evidence)
    return Outcome(FindingState.WARNING, f"A system trace runs: {named(found, TRACE)}.", evidence)


def _on_a_generic_channel(process: Process) -> bool:
    return any(re.fullmatch(r"-[a-z]*g", word) for word in process.arguments.split()[1:])


CHECK = Check(
    id="RQ-165",
    title="No system trace on channel 0",
    why="A recalled rule: Live Update itself traces on channel 0.",
    remedy="trcstop",
    see="ps -ef | grep trcd shows no process",
    severity=Severity.WARNING,
    recalled=True,
    test=_test,
)
