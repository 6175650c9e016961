"""What checks on installed software share."""

from inventory.facts.aix.lslpp import LSLPP
from inventory.facts.filesets import Fileset
from liveupdate.consents import Consent
from liveupdate.readiness.base import FindingState, Outcome
from liveupdate.readiness.evidence import lines_with
from liveupdate.subject import Subject

USABLE_STATES = frozenset({"C", "A", "E"})


def installed(subject: Subject, name: str) -> Fileset | None:
    """The fileset of exactly this name, or None."""
    return next((fileset for fileset in subject.value(LSLPP) if fileset.name == name), None)


def required(subject: Subject, name: str) -> Outcome:
    """Ok if the fileset is installed, committed or applied; otherwise a blocker a plan cannot cure."""
    fileset = installed(subject, name)
    evidence = (lines_with(subject, LSLPP, having=(f":{name}:",)),)
    if fileset is None:
        return Outcome(FindingState.BLOCKER, f"{name} is not installed.", evidence)
    if fileset.state not in USABLE_STATES:
        message = f"{name} {fileset.level} is installed, but in state {fileset.state or 'unknown'}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    return Outcome(FindingState.OK, f"{name} {fileset.level} is installed.", evidence)


def forbidden(subject: Subject, prefix: str) -> Outcome:
    """Ok if no fileset of this name or below it is installed; otherwise a blocker cured by removal."""
    found = [f for f in subject.value(LSLPP) if f.name == prefix or f.name.startswith(f"{prefix}.")]
    names = ", ".join(fileset.name for fileset in found)
    evidence = (lines_with(subject, LSLPP, having=tuple(f":{fileset.name}:" for fileset in found)),)
    if not found:
        return Outcome(FindingState.OK, f"{prefix} is not installed.", evidence)
    return Outcome(
        FindingState.BLOCKER,
        f"Installed: {names}.",
        evidence,
        curable=True,
        consent=Consent.REMOVE_FILESETS,
    )
