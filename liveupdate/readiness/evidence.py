"""How checks quote what a host printed."""

from collections.abc import Callable, Iterable
from typing import Any

from inventory.facts.aix.processes import PROCESSES, Process
from inventory.facts.base import Fact, FactMissing
from inventory.facts.text import filled, printed
from liveupdate.lpar.subject import Subject, fact_key
from liveupdate.readiness.base import Evidence

MOST_LINES = 40


def quoted(subject: Subject, fact: Fact[Any], *parameters: str) -> Evidence:
    """The first lines of a fact's output; which fact and parameters were read."""
    return lines_where(subject, fact, *parameters, keep=lambda line: True)


def lines_with(subject: Subject, fact: Fact[Any], *parameters: str, having: tuple[str, ...]) -> Evidence:
    """The lines of a fact's output that hold one of the given texts."""
    return lines_where(subject, fact, *parameters, keep=lambda line: any(text in line for text in having))


def lines_where(subject: Subject, fact: Fact[Any], *parameters: str, keep: Callable[[str], bool]) -> Evidence:
    """The lines of a fact's output that a test wants, at most `MOST_LINES` of them.

    Standard error counts too: some AIX commands answer there. Raises FactMissing if it was never read.
    """
    reading = subject.reading(fact, *parameters)
    if reading is None:
        key = fact_key(parameters)
        raise FactMissing(fact.name, key, None, f"{fact.name} {key}".strip() + " has not been read yet")
    said = filled(printed(reading.output.stdout) + printed(reading.output.stderr))
    return Evidence(reading.host, reading.command, tuple(line for line in said if keep(line))[:MOST_LINES])


def process_lines(subject: Subject, processes: Iterable[Process]) -> Evidence:
    """The lines of `ps -ef` that show these processes."""
    pids = {str(process.pid) for process in processes}
    return lines_where(subject, PROCESSES, keep=lambda line: not pids.isdisjoint(line.split()[1:2]))
