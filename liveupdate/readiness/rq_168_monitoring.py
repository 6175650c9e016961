"""RQ-168: monitoring that reads /proc should be stopped."""

from inventory.programs import MONITORS
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import process_lines
from liveupdate.readiness.programs import named, running, stopped_by_plan, with_pids


def _test(subject: Subject) -> Outcome:
    """Look for the programs by name: one may open /proc at any moment, whatever RQ-161 sees now."""
    found = running(subject, MONITORS)
    evidence = (process_lines(subject, found),)
    if not found:
        return Outcome(FindingState.OK, "No monitoring runs that is known to read /proc.", evidence)
    message = f"Monitoring runs that is known to read /proc: {named(found, MONITORS)}."
    return stopped_by_plan(subject, with_pids(found), FindingState.WARNING, message, evidence)


CHECK = Check(
    id="RQ-168",
    title="Monitoring that reads /proc is stopped",
    why="If it holds a file under /proc open when the blackout begins, the update fails with 1020-311.",
    remedy="Stop it for the update, and start it after it.",
    see="ps -ef shows no nmon, nimon, topas, lpar2rrd agent, zabbix_agentd or ucybsmgr",
    severity=Severity.WARNING,
    test=_test,
)
