"""RQ-167: backup agents and their schedules should be stopped."""

import re

from inventory.facts.aix.lssrc import LSSRC
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, process_lines
from liveupdate.readiness.programs import named, running
from liveupdate.subject import Subject

AGENTS = re.compile(r"dsmc|dsmcad|dsmsta|bpcd|vnetd|nbdisco|nsrexecd|cvd")
"""Spectrum Protect, NetBackup, NetWorker, Commvault."""


def _test(subject: Subject) -> Outcome:
    """Look for programs, and for subsystems whose program has another name."""
    found = running(subject, AGENTS)
    pids = {process.pid for process in found}
    subsystems = [
        one
        for one in subject.value(LSSRC)
        if one.status == "active" and AGENTS.fullmatch(one.name) and one.pid not in pids
    ]
    names = {one.name for one in subsystems}
    evidence = (
        process_lines(subject, found),
        lines_where(subject, LSSRC, keep=lambda line: not names.isdisjoint(line.split()[:1])),
    )
    if not found and not subsystems:
        return Outcome(FindingState.OK, "No backup agent runs.", evidence)
    said = [named(found, AGENTS)] if found else []
    said += [f"subsystem {one.name}" for one in subsystems]
    return Outcome(FindingState.WARNING, f"Backup agents run: {', '.join(said)}.", evidence)


CHECK = Check(
    id="RQ-167",
    title="Backup agents are stopped",
    why="A backup that runs or starts during the update slows it down, and breaks off in the blackout.",
    remedy="Stop the agents and their schedules for the update (stopsrc, or the agent's own stop), and start "
    "them after it.",
    see="ps -ef shows no dsmc, dsmcad, bpcd, vnetd, nbdisco; lssrc -a shows none of them active",
    severity=Severity.WARNING,
    test=_test,
)
