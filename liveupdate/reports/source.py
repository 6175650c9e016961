"""What the sections of a report read: the question, the ledger's standing, and what was gathered once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from liveupdate.bundle.contents import entry_of
from liveupdate.bundle.scope import CONTEXT, RECORDS, SIGHTS
from liveupdate.bundle.verifier.changes import changes_of, runs_in_order
from liveupdate.bundle.verifier.figures import figures_of
from liveupdate.bundle.verifier.opening import Entry
from liveupdate.bundle.verifier.population import (
    FOLLOWED,
    Commands,
    Course,
    Population,
    RunCourse,
    commands_in,
)
from liveupdate.bundle.verifier.runs import runs_of
from liveupdate.reports.document import Evidence, EvidenceKind, Period, Scope
from liveupdate.reports.inventory_then import InventoryThen, inventory_at
from liveupdate.reports.texts import texts_of
from portal.audit.course import Followed
from portal.audit.standing import Standing
from portal.lib.clock import rfc3339

Told = Callable[[str, int, int], None]
TOLD_EVERY = 5_000
ALWAYS = frozenset(map(str, (*CONTEXT, *SIGHTS, *RECORDS)))
"""Kinds that are followed from the ledger's first entry on."""
COMMAND_KINDS = ("cmd.intent", "cmd.end", "cmd.unknown", "cmd.unsent")


@dataclass(frozen=True, slots=True)
class Source:
    """One question and everything that its answer rests on.

    `figures` are those of entries alone, `by_type` counts the entries of the period by their kind.
    `inventory` is that of the end of what the period could show.
    """

    period: Period
    scope: Scope
    standing: Standing
    ledger: Followed
    population: Population
    commands: dict[int, Commands]
    figures: dict[str, Any]
    by_type: dict[str, int]
    inventory: InventoryThen

    @property
    def until(self) -> datetime:
        """What was done until then may be told: the checkpoint's moment."""
        return self.standing.signed_at

    @property
    def cut(self) -> datetime:
        """The end of what the period could show by then."""
        return min(self.period.end, self.standing.signed_at)

    @property
    def last_day(self) -> date:
        """The last day (UTC) that the period could show."""
        return (self.cut - timedelta(microseconds=1)).astimezone(UTC).date()

    def runs(self) -> list[tuple[Course, RunCourse]]:
        """The runs made in the period, with their requests, in the order of the ledger."""
        return runs_in_order(self.population)


def read_source(period: Period, scope: Scope, standing: Standing, told: Told) -> Source:
    """Gather what the sections read, in one pass over the ledger. `told` hears how far it is."""
    ledger = Followed(standing.size, period.begin, period.end)
    population = Population(
        rfc3339(period.begin), rfc3339(period.end), texts_of(period.begin, period.end), scope.team
    )
    for number, (seq, content) in enumerate(ledger.entries(FOLLOWED, ALWAYS)):
        population.see(entry_of(seq, content))
        if number % TOLD_EVERY == 0:
            told("entries", seq, standing.size)
    told("entries", standing.size, standing.size)
    commands = _commands(ledger)
    changes = changes_of(population, commands, rfc3339(standing.signed_at))
    figures = figures_of(population, commands) | changes
    inventory = inventory_at(standing.size, min(period.end, standing.signed_at), scope.team)
    by_type = ledger.by_type()
    return Source(period, scope, standing, ledger, population, commands, figures, by_type, inventory)


def evidence_of(course: Course) -> tuple[Evidence, ...]:
    """Where a reader finds a request and its run."""
    found = [Evidence(EvidenceKind.REQUEST, course.number, course.number)]
    if course.run is not None:
        found.append(Evidence(EvidenceKind.RUN, str(course.run.run), f"run {course.run.run}"))
    return tuple(found)


def entry_link(*entries: Entry) -> tuple[Evidence, ...]:
    """The places of entries in the ledger."""
    return tuple(Evidence(EvidenceKind.ENTRIES, str(each.seq), f"entry {each.seq}") for each in entries)


def _commands(ledger: Followed) -> dict[int, Commands]:
    """From sums; where the end of a command was not known its entries are read, as it may have come later."""
    sums: dict[int, dict[str, tuple[int, int, int, str, str]]] = {}
    for each in ledger.sums():
        told = (each.count, each.first_seq, each.last_seq, rfc3339(each.first_at), rfc3339(each.last_at))
        sums.setdefault(each.run, {})[each.event] = told
    found = {run: _summed(kinds) for run, kinds in sums.items()}
    uncertain = [run for run, each in found.items() if each.unknown]
    if uncertain:
        told_of = runs_of(list(_entries(ledger, uncertain)))
        for run, exact in commands_in(told_of).items():
            rest = found[run]
            found[run] = exact._replace(first_seq=rest.first_seq, last_seq=rest.last_seq)
    return found


def _entries(ledger: Followed, runs: list[int]) -> Iterator[Entry]:
    return (entry_of(seq, content) for seq, content in ledger.of_runs(runs, COMMAND_KINDS))


def _summed(kinds: dict[str, tuple[int, int, int, str, str]]) -> Commands:
    intents = kinds.get("cmd.intent")
    lasts = [kinds[kind][4] for kind in COMMAND_KINDS if kind in kinds]
    counts = [kinds[kind][0] if kind in kinds else 0 for kind in COMMAND_KINDS]
    return Commands(
        min(each[1] for each in kinds.values()),
        max(each[2] for each in kinds.values()),
        intents[1] if intents else None,
        intents[3] if intents else "",
        max(lasts, default=""),
        *counts,
    )
