"""RQ-075: the active profile says what the LPAR runs with."""

from inventory.facts.hmc.lpars import LPARS, HmcLpar
from inventory.facts.hmc.memory_lpar import MEMORY_LPAR
from inventory.facts.hmc.processors_lpar import PROCESSORS_LPAR
from inventory.facts.hmc.profiles import PROFILES, Profile
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, quoted

SAVED_AT_ONCE = "1"


def _test(subject: Subject) -> Outcome:
    system, partition = subject.managed_system, subject.partition
    lpar = next((each for each in subject.value(LPARS, system) if each.name == partition), None)
    if lpar is None:
        message = f"{subject.hmc} knows no partition {partition} on {system}."
        return Outcome(FindingState.UNKNOWN, message, (quoted(subject, LPARS, system),))
    own = lines_where(subject, LPARS, system, keep=lambda line: line.startswith(f"{partition},"))
    if lpar.profile_sync == SAVED_AT_ONCE:
        message = f"Changes at run time are saved to the profile {lpar.current_profile} at once."
        return Outcome(FindingState.OK, message, (own,))
    return _compared(subject, lpar, own)


def _compared(subject: Subject, lpar: HmcLpar, own: Evidence) -> Outcome:
    system, partition = subject.managed_system, subject.partition
    profiles = subject.value(PROFILES, system, partition)
    profile = next((each for each in profiles if each.name == lpar.current_profile), None)
    evidence: tuple[Evidence, ...] = (own, quoted(subject, PROFILES, system, partition))
    if profile is None:
        message = f"The HMC shows no profile {lpar.current_profile or '(none)'} to compare with."
        return Outcome(FindingState.UNKNOWN, message, evidence)
    differences = _differences(subject, profile)
    evidence = (
        *evidence,
        quoted(subject, MEMORY_LPAR, system, partition),
        quoted(subject, PROCESSORS_LPAR, system, partition),
    )
    if differences:
        message = f"The profile {profile.name} is not what {partition} runs with: {', '.join(differences)}."
        return Outcome(FindingState.WARNING, message, evidence)
    message = f"{partition} runs with what its profile {profile.name} says."
    return Outcome(FindingState.OK, message, evidence)


def _differences(subject: Subject, profile: Profile) -> list[str]:
    system, partition = subject.managed_system, subject.partition
    memory = subject.value(MEMORY_LPAR, system, partition)
    processors = subject.value(PROCESSORS_LPAR, system, partition)
    compared = (
        ("minimum memory (MB)", profile.minimum_memory_mb, memory.minimum_mb),
        ("memory (MB)", profile.desired_memory_mb, memory.current_mb),
        ("maximum memory (MB)", profile.maximum_memory_mb, memory.maximum_mb),
        ("processing units", profile.desired_units, processors.units),
        ("processors", profile.desired_processors, processors.processors),
    )
    return [
        f"{what} {wanted} in the profile, {running} running"
        for what, wanted, running in compared
        if wanted is not None and running is not None and wanted != running
    ]


CHECK = Check(
    id="RQ-075",
    title="Active profile is what runs",
    why="The HMC keeps what the LPAR is to have in its profile; a surrogate made after an old one would "
    "come with other memory and processors.",
    remedy="Save the running configuration: mksyscfg -r prof -m SYSTEM -o save -p LPAR -n PROFILE --force; "
    'keep it so with chsyscfg -r lpar -m SYSTEM -i "name=LPAR,sync_curr_profile=1".',
    severity=Severity.WARNING,
    test=_test,
    source="RQ-075",
    see="On the HMC: lssyscfg -r lpar -m SYSTEM -F name,sync_curr_profile shows 1, or lssyscfg -r prof "
    "agrees with lshwres --level lpar.",
    recalled=True,
)
