"""RQ-111: each virtual Fibre Channel adapter has two worldwide port names."""

from inventory.facts.aix.adapters import ADAPTERS
from inventory.facts.hmc.virtual_fibre_channel import VIRTUAL_FIBRE_CHANNEL
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    if not any("Virtual Fibre Channel" in each.description for each in subject.value(ADAPTERS)):
        return Outcome(FindingState.NOT_APPLICABLE, "The LPAR has no virtual Fibre Channel adapter.")
    key = (subject.managed_system, subject.partition)
    adapters = subject.value(VIRTUAL_FIBRE_CHANNEL, *key)
    if not adapters:
        message = "The HMC shows no virtual Fibre Channel adapter, and AIX has some."
        return Outcome(FindingState.UNKNOWN, message, (quoted(subject, ADAPTERS),))
    evidence = (quoted(subject, VIRTUAL_FIBRE_CHANNEL, *key),)
    lacking = [adapter for adapter in adapters if len(set(adapter.wwpns)) < 2]
    if lacking:
        named = ", ".join(f"slot {adapter.slot} has {len(set(adapter.wwpns))}" for adapter in lacking)
        message = f"Adapters without two worldwide port names: {named}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    message = (
        f"Each of the {len(adapters)} adapters has two worldwide port names. No command tells whether the "
        "fabric and the storage admit the one that is not in use: ask the people of the SAN."
    )
    return Outcome(FindingState.OK, message, evidence)


CHECK = Check(
    id="RQ-111",
    title="Both port names of virtual Fibre Channel adapters",
    why="One name of each pair is in use and the other is for the partition that takes over, as in a "
    "partition migration: the surrogate sees no disk when the second one is not zoned and masked.",
    remedy="Have the people of the SAN zone and mask both worldwide port names of every client adapter.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-111",
    see="On the HMC: lshwres -r virtualio --rsubtype fc --level lpar -m SYSTEM --filter lpar_names=LPAR "
    "(two wwpns each)",
    recalled=True,
    settled_by_preview=True,
)
