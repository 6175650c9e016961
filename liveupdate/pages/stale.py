"""Processes on replaced libraries as people see them: whose they are, and who accepts which."""

from dataclasses import dataclass

from inventory.actions.facts import stored_facts
from inventory.facts.aix.lssrc import LSSRC
from inventory.facts.aix.processes import PROCESSES
from inventory.facts.aix.stale_libraries import STALE_LIBRARIES
from inventory.facts.base import FactMissing, Output, Unparsable
from inventory.models import Lpar
from liveupdate.lpar.stale import Stale, StaleOwner, stale_of, with_owners
from liveupdate.models import Run, RunCommand, StaleAcceptance
from liveupdate.records.accepted_stale import standing_acceptances
from liveupdate.records.subjects import subject_of_lpar

MEANS = {
    StaleOwner.SUBSYSTEM: "stopsrc and startsrc",
    StaleOwner.INIT: "init starts it again",
    StaleOwner.SESSION: "ends with its SSH session",
    StaleOwner.AGENT: "its own commands, from the list of agents",
    StaleOwner.APPLICATION: "its owner",
    StaleOwner.SYSTEM: "an administrator, or the next restart",
    StaleOwner.UNKNOWN: "nobody knows",
}


@dataclass(frozen=True, slots=True)
class StaleRow:
    """One process, how it is started again, and the acceptance that holds for its name."""

    stale: Stale
    means: str
    accepted: StaleAcceptance | None


def stale_rows(lpar: Lpar) -> tuple[list[StaleRow], str]:
    """Those of the last look at an LPAR, and why they are not known if so."""
    subject = subject_of_lpar(lpar, stored_facts(lpar), procedure="restart_stale")
    try:
        found = stale_of(subject)
    except FactMissing as missing:
        return [], f"Not known: {missing.reason.rstrip('.')}."
    return _rows(lpar, found), ""


def stale_after(run: Run) -> list[StaleRow]:
    """Those that a run saw at its end; none where it did not look, or what it saw is not understood."""
    try:
        stale = STALE_LIBRARIES.parse(_seen(run, "stale_libraries"))
        processes = PROCESSES.parse(_seen(run, "processes_now"))
        subsystems = LSSRC.parse(_seen(run, "subsystems_now"))
    except (RunCommand.DoesNotExist, Unparsable):
        return []
    return _rows(run.lpar, with_owners(stale, processes, subsystems))


def _rows(lpar: Lpar, found: tuple[Stale, ...]) -> list[StaleRow]:
    accepted = standing_acceptances(lpar) if found else {}
    return [StaleRow(one, MEANS[one.owner], accepted.get(one.name)) for one in found]


def _seen(run: Run, step: str) -> Output:
    command = run.commands.filter(step__key=step, watch=False, state=RunCommand.State.ENDED).latest("number")
    pieces = command.output.filter(stream="stdout").order_by("offset").values_list("content", flat=True)
    text = b"".join(bytes(piece) for piece in pieces).decode("utf-8", "replace")
    return Output(text, "", command.status)
