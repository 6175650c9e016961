"""RQ-167: backup agents and their schedules should be stopped."""

from inventory.facts.aix.lssrc import LSSRC
from inventory.programs import BACKUP_AGENTS
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, process_lines
from liveupdate.readiness.programs import named, running, stopped_by_plan, with_pids


def _test(subject: Subject) -> Outcome:
    """Look for programs, and for subsystems whose program has another name."""
    found = running(subject, BACKUP_AGENTS)
    pids = {process.pid for process in found}
    subsystems = [
        one
        for one in subject.value(LSSRC)
        if one.status == "active" and BACKUP_AGENTS.fullmatch(one.name) and one.pid not in pids
    ]
    names = {one.name for one in subsystems}
    evidence = (
        process_lines(subject, found),
        lines_where(subject, LSSRC, keep=lambda line: not names.isdisjoint(line.split()[:1])),
    )
    if not found and not subsystems:
        return Outcome(FindingState.OK, "No backup agent runs.", evidence)
    said = [named(found, BACKUP_AGENTS)] if found else []
    said += [f"subsystem {one.name}" for one in subsystems]
    pids_known = [*with_pids(found), *((one.pid or 0, one.name) for one in subsystems)]
    message = f"Backup agents run: {', '.join(said)}."
    return stopped_by_plan(subject, pids_known, FindingState.WARNING, message, evidence)


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
