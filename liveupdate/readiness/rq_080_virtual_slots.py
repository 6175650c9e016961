"""RQ-080: each VIOS has virtual slots free for the surrogate's adapters."""

from inventory.facts.hmc.virtual_slots import VIRTUAL_SLOTS
from inventory.facts.hmc.virtual_slots_used import VIRTUAL_SLOTS_USED
from inventory.serving import serving_vioses
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted


def _test(subject: Subject) -> Outcome:
    system = subject.managed_system
    vioses = serving_vioses(subject.facts, system, subject.partition)
    if not vioses:
        message = f"No VIOS serves SCSI or Fibre Channel to {subject.partition}."
        return Outcome(FindingState.NOT_APPLICABLE, message)
    said, full = [], False
    for vios, needed in sorted(vioses.items()):
        most = subject.value(VIRTUAL_SLOTS, system, vios).maximum
        used = len(subject.value(VIRTUAL_SLOTS_USED, system, vios))
        said.append(f"{vios} uses {used} of {most} virtual slots, and the surrogate needs {needed}")
        full = full or used + needed > most
    evidence = tuple(quoted(subject, VIRTUAL_SLOTS, system, vios) for vios in sorted(vioses))
    state = FindingState.BLOCKER if full else FindingState.OK
    return Outcome(state, f"{'; '.join(said)}.", evidence)


CHECK = Check(
    id="RQ-080",
    title="Virtual slots free on the Virtual I/O Servers",
    why="Each client adapter of the surrogate gets a server adapter of its own on the VIOS, while those of "
    "the original are still there.",
    remedy="Raise max_virtual_slots in the profile of the VIOS, and activate it anew; or remove server "
    "adapters without a client.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-080",
    see="On the HMC: lshwres -r virtualio --rsubtype slot -m SYSTEM --level lpar --filter lpar_names=VIOS "
    "shows curr_max_virtual_slots above the lines of --level slot by the adapters of the LPAR.",
    recalled=True,
    settled_by_preview=True,
)
