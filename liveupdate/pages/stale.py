"""Processes on replaced libraries as people see them: whose they are, and who accepts which."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from inventory.actions.facts import stored_facts
from inventory.facts.aix.lssrc import LSSRC
from inventory.facts.aix.processes import PROCESSES
from inventory.facts.aix.stale_libraries import STALE_LIBRARIES
from inventory.facts.base import FactMissing, Unparsable
from inventory.models import Lpar
from liveupdate.lpar.stale import Stale, StaleOwner, stale_of, with_owners
from liveupdate.models import Run, StaleAcceptance
from liveupdate.records.accepted_stale import standing_acceptances
from liveupdate.records.clone_records import CHANGE_LEVELS
from liveupdate.records.step_output import output_of
from liveupdate.records.subjects import subject_of_lpar
from portal.lib.text import some_of

MEANS = {
    StaleOwner.SUBSYSTEM: "stopsrc and startsrc",
    StaleOwner.INIT: "init starts it again",
    StaleOwner.SESSION: "ends with its SSH session",
    StaleOwner.AGENT: "its own commands, from the list of agents",
    StaleOwner.APPLICATION: "its owner",
    StaleOwner.SYSTEM: "an administrator, or the next restart",
    StaleOwner.UNKNOWN: "nobody knows",
}
BY_A_PLAN = frozenset({StaleOwner.SUBSYSTEM, StaleOwner.INIT, StaleOwner.AGENT})
MOST_ROUNDS = 3
"""Rounds of restarts after which the rest is for people (handbook 5.9)."""
SEEN_AT_THE_END = ("stale_libraries", "processes_now", "subsystems_now")
"""The steps by which a run looks for what was left."""


@dataclass(frozen=True, slots=True)
class StaleRow:
    """One process, how it is started again, and the acceptance that holds for its name."""

    stale: Stale
    means: str
    accepted: StaleAcceptance | None


@dataclass(frozen=True, slots=True)
class NextRound:
    """What comes next where processes were left: another plan (`may_help`), their owners, or acceptance."""

    text: str
    may_help: bool


def next_round(lpar: Lpar, rows: list[StaleRow]) -> NextRound:
    """What comes next for what is left; a round more helps only what a plan starts again."""
    left = [row.stale for row in rows if row.accepted is None]
    if not left:
        return NextRound("What is left was accepted by name: the restarts are over.", may_help=False)
    by_plan = _names(one for one in left if one.owner in BY_A_PLAN)
    in_sessions = _names(one for one in left if one.owner is StaleOwner.SESSION)
    by_owner = _names(one for one in left if one.owner not in {*BY_A_PLAN, StaleOwner.SESSION})
    done = _rounds(lpar)
    parts = [f"{done} of at most {MOST_ROUNDS} rounds were run."] if done else []
    may_help = bool(by_plan) and done < MOST_ROUNDS
    if may_help:
        parts.append(f"The next round starts again: {by_plan}.")
    elif by_plan:
        parts.append(f"Another round would not help {by_plan}: accept by name, or restart the LPAR.")
    if by_owner:
        parts.append(f"No plan starts these again: {by_owner}. Their owners do, or somebody accepts them.")
    if in_sessions:
        parts.append(f"These end with the SSH sessions that they belong to: {in_sessions}.")
    return NextRound(" ".join(parts), may_help)


def _names(stale: Iterable[Stale]) -> str:
    return some_of(one.name for one in stale)


def _rounds(lpar: Lpar) -> int:
    """Restarts that were run since the level was changed last."""
    started = lpar.runs.exclude(started_at=None).order_by("-id").values_list("request__procedure", flat=True)
    since = takewhile(lambda procedure: procedure not in CHANGE_LEVELS, started)
    return sum(procedure == "restart_stale" for procedure in since)


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
    listed, running, controlled = (output_of(run, step) for step in SEEN_AT_THE_END)
    if listed is None or running is None or controlled is None:
        return []
    try:
        found = with_owners(STALE_LIBRARIES.parse(listed), PROCESSES.parse(running), LSSRC.parse(controlled))
    except Unparsable:
        return []
    return _rows(run.lpar, found)


def _rows(lpar: Lpar, found: tuple[Stale, ...]) -> list[StaleRow]:
    accepted = standing_acceptances(lpar) if found else {}
    return [StaleRow(one, MEANS[one.owner], accepted.get(one.name)) for one in found]
