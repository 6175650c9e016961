"""What checks on running programs share."""

import re
from collections.abc import Iterable

from inventory.facts.aix.processes import PROCESSES, Process
from inventory.programs import program_of
from liveupdate.lpar.agents import unlisted
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Evidence, FindingState, Outcome


def running(subject: Subject, programs: re.Pattern[str]) -> list[Process]:
    """The processes that run one of these programs, directly or by an interpreter."""
    return [process for process in subject.value(PROCESSES) if program_of(process, programs)]


def stopped_by_plan(
    subject: Subject,
    processes: Iterable[tuple[int, str]],
    state: FindingState,
    message: str,
    evidence: tuple[Evidence, ...],
) -> Outcome:
    """What running programs mean, given the approved list of agents, which the plan stops.

    `processes` are process ids with names for people; one that no approved agent accounts for is named.
    """
    names = dict(processes)
    left = unlisted(subject, names)
    if not left:
        cured = f"{message} The plan stops what is on the approved list of agents."
        return Outcome(state, cured, evidence, curable=True, consent=Consent.STOP_AGENTS)
    loose = ", ".join(dict.fromkeys(f"{names[pid]} ({pid})" for pid in names if pid in left))
    return Outcome(state, f"{message} Not on the approved list of agents: {loose}.", evidence)


def with_pids(processes: Iterable[Process]) -> list[tuple[int, str]]:
    """Process ids with the names of the programs."""
    return [(process.pid, process.program) for process in processes]


def named(processes: Iterable[Process], programs: re.Pattern[str]) -> str:
    """The processes as a person reads them: program, process id and account."""
    return ", ".join(
        f"{program_of(process, programs) or process.program} ({process.pid}, {process.user})"
        for process in processes
    )
