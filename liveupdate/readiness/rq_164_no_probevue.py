"""RQ-164: ProbeVue must not run."""

import re

from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import process_lines
from liveupdate.readiness.programs import named, running

PROBEVUE = re.compile(r"probevue")


def _test(subject: Subject) -> Outcome:
    """Look for the program by name."""
    found = running(subject, PROBEVUE)
    evidence = (process_lines(subject, found),)
    if not found:
        return Outcome(FindingState.OK, "ProbeVue does not run.", evidence)
    return Outcome(FindingState.BLOCKER, f"ProbeVue runs: {named(found, PROBEVUE)}.", evidence)


CHECK = Check(
    id="RQ-164",
    title="ProbeVue does not run",
    why="A recalled rule: probes that are set in the kernel cannot be moved to the surrogate.",
    remedy="Let its user end the session, or stop it: kill PID",
    see="ps -ef | grep -w probevue shows no process",
    severity=Severity.BLOCKER,
    recalled=True,
    test=_test,
)
