"""RQ-113: a tape drive is one that a storage agent uses over virtual Fibre Channel, and the agent rests."""

from inventory.facts.aix.adapters import ADAPTERS
from inventory.facts.aix.lslpp import LSLPP
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.processes import PROCESSES
from inventory.facts.aix.tapes import TAPES
from inventory.facts.level import vrmf
from liveupdate.knowledge.levels import TABLE_NAME, Feature, allows, first_level
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, process_lines, quoted

AGENT_FROM = vrmf("8.1.11.0")
AGENT = "tivoli.tsm.StorageAgent"
AGENT_PROGRAMS = frozenset({"dsmsta"})


def _test(subject: Subject) -> Outcome:
    tapes = subject.value(TAPES)
    if not tapes:
        return Outcome(FindingState.NOT_APPLICABLE, "There is no tape drive.")
    evidence: tuple[Evidence, ...] = (quoted(subject, TAPES),)
    named = ", ".join(tape.name for tape in tapes)
    if not allows(Feature.NPIV_TAPE, subject.value(OSLEVEL)):
        first = first_level(Feature.NPIV_TAPE)
        message = f"{named}: no tape drive is supported below {first} ({TABLE_NAME})."
        return Outcome(FindingState.BLOCKER, message, evidence)
    if not any("Virtual Fibre Channel" in each.description for each in subject.value(ADAPTERS)):
        message = f"{named} is not attached over virtual Fibre Channel."
        return Outcome(FindingState.BLOCKER, message, (*evidence, quoted(subject, ADAPTERS)))
    return _of_agent(subject, named, evidence)


def _of_agent(subject: Subject, named: str, evidence: tuple[Evidence, ...]) -> Outcome:
    filesets = subject.value(LSLPP)
    if not any(each.name.startswith("Atape") for each in filesets):
        return Outcome(FindingState.BLOCKER, f"{named} is used without IBM's tape driver (Atape).", evidence)
    evidence = (*evidence, lines_with(subject, LSLPP, having=(":Atape", f":{AGENT}")))
    agents = [process for process in subject.value(PROCESSES) if process.program in AGENT_PROGRAMS]
    if agents:
        message = f"The storage agent runs ({', '.join(str(each.pid) for each in agents)}): stop it."
        return Outcome(FindingState.BLOCKER, message, (*evidence, process_lines(subject, agents)))
    versions = [each.level for each in filesets if each.name.startswith(AGENT)]
    try:
        oldest = min(versions, key=vrmf, default="")
    except ValueError:
        oldest = ""
    if not oldest:
        message = f"No fileset tells the storage agent's version: who uses {named} is not known."
        return Outcome(FindingState.UNKNOWN, message, evidence)
    if vrmf(oldest) < AGENT_FROM:
        message = f"The storage agent is {oldest}, and 8.1.11 is needed."
        return Outcome(FindingState.BLOCKER, message, evidence)
    return Outcome(FindingState.OK, f"{named}: the storage agent {oldest} is stopped.", evidence)


CHECK = Check(
    id="RQ-113",
    title="Tape drives",
    why="From 7200-05 on Live Update carries tape drives over only where a Spectrum Protect storage agent "
    "uses them over virtual Fibre Channel with IBM's driver, and only while no backup runs.",
    remedy="Stop the storage agent and wait for running backups; remove other tape drives (rmdev -dl rmt0).",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-113",
    see="lsdev -Cc tape; lslpp -Lqc 'Atape*'; ps -ef | grep dsmsta (nothing)",
    varies="Below 7200-05 no tape drive is allowed at all (RQ-112).",
)
