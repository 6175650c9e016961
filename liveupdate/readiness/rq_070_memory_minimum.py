"""RQ-070: at least 2 GB of memory, also as the minimum of the active profile."""

from inventory.facts.aix.lparstat import LPARSTAT
from inventory.facts.hmc.lpars import LPARS
from inventory.facts.hmc.profiles import PROFILES
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with

NEEDED_MB = 2048


def _test(subject: Subject) -> Outcome:
    running = subject.value(LPARSTAT)
    profile, minimum_mb = _profile(subject)
    problems = [
        f"{what} is {size_mb} MB"
        for what, size_mb in (
            ("the memory in use", running.online_memory_mb),
            ("the minimum that the LPAR was started with", running.minimum_memory_mb),
            (f"the minimum of profile {profile}", minimum_mb),
        )
        if size_mb is not None and size_mb < NEEDED_MB
    ]
    evidence = (lines_with(subject, LPARSTAT, having=("Online Memory", "Minimum Memory")), *_lines(subject))
    if problems:
        message = f"{NEEDED_MB} MB are needed: {', '.join(problems)}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    message = f"{running.online_memory_mb} MB in use, minimum {running.minimum_memory_mb} MB."
    return Outcome(FindingState.OK, message, evidence)


def _profile(subject: Subject) -> tuple[str, int | None]:
    """The active profile and its minimum; an LPAR started from its last configuration names none."""
    lpars = subject.value(LPARS, subject.managed_system)
    name = next((lpar.current_profile for lpar in lpars if lpar.name == subject.partition), "")
    profiles = subject.value(PROFILES, subject.managed_system, subject.partition)
    return name, next((each.minimum_memory_mb for each in profiles if each.name == name), None)


def _lines(subject: Subject) -> tuple[Evidence, ...]:
    return (lines_with(subject, PROFILES, subject.managed_system, subject.partition, having=("min_mem",)),)


CHECK = Check(
    id="RQ-070",
    title="2 GB of memory",
    why="Live Update does not start below 2 GB, nor with a profile that could start the LPAR below it.",
    remedy="Raise the profile's minimum memory to 2048 MB; shut the LPAR down and activate this profile.",
    see="lparstat -i shows Online Memory and Minimum Memory of 2048 MB or more",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-070",
)
