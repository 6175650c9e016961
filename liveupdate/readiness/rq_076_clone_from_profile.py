"""RQ-076: with `clone_from_hmc_profile`, the profile holds the new maxima and is not overwritten."""

from inventory.facts.aix.lvupdate_data import LVUPDATE_DATA
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.hmc.lpars import LPARS
from inventory.facts.hmc.profiles import PROFILES, Profile
from liveupdate.knowledge.levels import Feature, allows
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, lines_with, quoted

KEY = "clone_from_hmc_profile"
SAVED_AT_ONCE = "1"


def _test(subject: Subject) -> Outcome:
    data = subject.value(LVUPDATE_DATA)
    asked = (lines_with(subject, LVUPDATE_DATA, having=(KEY,)),)
    if not any(data.get(stanza, KEY).lower() == "yes" for stanza in data.stanzas):
        return Outcome(FindingState.NOT_APPLICABLE, f"lvupdate.data does not ask for {KEY}.", asked)
    level = subject.value(OSLEVEL)
    if not allows(Feature.CLONE_FROM_HMC_PROFILE, level):
        message = f"lvupdate.data asks for {KEY}, which AIX {level} does not know."
        return Outcome(FindingState.WARNING, message, asked)
    system, partition = subject.managed_system, subject.partition
    lpar = next((each for each in subject.value(LPARS, system) if each.name == partition), None)
    evidence = (
        *asked,
        lines_where(subject, LPARS, system, keep=lambda line: line.startswith(f"{partition},")),
        quoted(subject, PROFILES, system, partition),
    )
    profiles = {each.name: each for each in subject.value(PROFILES, system, partition)}
    if lpar is None or lpar.current_profile not in profiles:
        message = f"The HMC shows no active profile of {partition}, which the surrogate would be made from."
        return Outcome(FindingState.WARNING, message, evidence)
    profile = profiles[lpar.current_profile]
    if lpar.profile_sync == SAVED_AT_ONCE:
        message = (
            f"The surrogate is made from the profile {profile.name}, and the HMC overwrites this profile "
            "with what runs (sync_curr_profile is 1)."
        )
        return Outcome(FindingState.WARNING, message, evidence)
    message = f"The surrogate gets the maxima of the profile {profile.name}: {_maxima(profile)}."
    return Outcome(FindingState.OK, message, evidence)


def _maxima(profile: Profile) -> str:
    return f"{profile.maximum_memory_mb} MB of memory, {profile.maximum_processors} processors"


CHECK = Check(
    id="RQ-076",
    title="Profile for clone_from_hmc_profile",
    why="With this tunable the surrogate is made from the HMC's profile, which raises maxima without a "
    "reboot; a profile that follows the running LPAR has the old ones.",
    remedy="Switch the synchronization off (chsyscfg -r lpar … sync_curr_profile=0), then put the wanted "
    "maxima into the profile.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-076",
    see="On the HMC: lssyscfg -r lpar -m SYSTEM -F name,sync_curr_profile shows 0, and lssyscfg -r prof the "
    "new maxima.",
    varies="Only where lvupdate.data says clone_from_hmc_profile = yes, from 7300-03.",
)
