"""What checks on installed software share."""

from collections.abc import Iterable

from inventory.facts.aix.lslpp import LSLPP
from inventory.facts.base import FactMissing
from inventory.facts.filesets import Fileset
from inventory.facts.level import vrmf
from liveupdate.knowledge.levels import TABLE_NAME, Software, minimum
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Evidence, FindingState, Outcome
from liveupdate.readiness.evidence import lines_with

NAMED = 5
USABLE_STATES = frozenset({"C", "A", "E"})


def installed(subject: Subject, name: str) -> Fileset | None:
    """The fileset of exactly this name, or None."""
    return next((fileset for fileset in subject.value(LSLPP) if fileset.name == name), None)


def starting_with(subject: Subject, *prefixes: str) -> list[Fileset]:
    """The filesets whose names begin with one of these, in the order listed."""
    return [fileset for fileset in subject.value(LSLPP) if fileset.name.startswith(prefixes)]


def version(subject: Subject, fileset: Fileset) -> str:
    """The level of a fileset as `V.R.M.F`, which compares. Raises FactMissing for any other."""
    try:
        vrmf(fileset.level)
    except ValueError as error:
        raise FactMissing(LSLPP.name, "", subject.reading(LSLPP), f"{fileset.name}: {error}") from error
    return fileset.level


def listed(subject: Subject, filesets: Iterable[Fileset]) -> Evidence:
    """The lines of `lslpp` that show these filesets."""
    return lines_with(subject, LSLPP, having=tuple(f":{fileset.name}:" for fileset in filesets))


def with_levels(filesets: Iterable[Fileset]) -> str:
    """The filesets with their levels, for a sentence; of many the first ones."""
    said = [f"{fileset.name} {fileset.level}" for fileset in filesets]
    return ", ".join(said[:NAMED]) + (f" and {len(said) - NAMED} more" if len(said) > NAMED else "")


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


def forbidden(subject: Subject, prefix: str, *, but: frozenset[str] = frozenset()) -> Outcome:
    """Ok if no fileset of this name or below it is installed, save those that every AIX brings (`but`).

    Otherwise a blocker cured by removal.
    """
    found = [f for f in starting_with(subject, prefix) if f.name == prefix or f.name[len(prefix)] == "."]
    found = [fileset for fileset in found if fileset.name not in but]
    names = ", ".join(fileset.name for fileset in found)
    evidence = (listed(subject, found),)
    if not found:
        return Outcome(FindingState.OK, f"{prefix} is not installed.", evidence)
    return Outcome(
        FindingState.BLOCKER,
        f"Installed: {names}.",
        evidence,
        curable=True,
        consent=Consent.REMOVE_FILESETS,
    )


def recalled_minimum(subject: Subject, title: str, prefix: str, software: Software) -> Outcome:
    """Each fileset of a software against the least level that the levels table recalls; a warning at most."""
    found = starting_with(subject, prefix)
    evidence = (listed(subject, found),)
    if not found:
        return Outcome(FindingState.NOT_APPLICABLE, f"{title} is not installed.", evidence)
    wanted = minimum(software)
    old = [each for each in found if not wanted.met_by(version(subject, each))]
    if old:
        message = f"Older than {wanted.level}, the level recalled ({TABLE_NAME}): {with_levels(old)}."
        return Outcome(FindingState.WARNING, f"{message} Verify it.", evidence)
    message = f"At the recalled {wanted.level} or above ({TABLE_NAME}): {with_levels(found)}."
    return Outcome(FindingState.OK, message, evidence)
