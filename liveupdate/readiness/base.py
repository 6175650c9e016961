"""What a readiness check is: one requirement of the handbook, tested on an LPAR's facts.

A check's file holds one `Check` and imports nothing of its siblings. It returns the findings with
the observed lines they rest on; a fact without a usable value makes the finding *unknown*.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from inventory.facts.base import FactMissing, ReadingState
from liveupdate.subject import Subject


class Severity(StrEnum):
    """What an unmet requirement means: no update, a person's judgement, or a remark."""

    BLOCKER = "blocker"
    WARNING = "warning"
    INFORMATION = "information"


class FindingState(StrEnum):
    """What a check found."""

    OK = "ok"
    WARNING = "warning"
    BLOCKER = "blocker"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Lines as a host printed them, with the command that printed them."""

    host: str
    command: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one test says: the state, one sentence, the evidence.

    `consent` names what the requester must allow before the plan may cure this by itself
    (`remove_ifixes`, `trusted_execution_off`, …; empty: the plan may do it, or cannot).
    `curable` says whether the procedure's preparation takes care of it.
    """

    state: FindingState
    message: str
    evidence: tuple[Evidence, ...] = ()
    curable: bool = False
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement: its id in the handbook (`RQ-040`), why it exists, how to cure it."""

    id: str
    title: str
    why: str
    remedy: str
    severity: Severity
    test: Callable[[Subject], Outcome]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A check with its outcome for one LPAR."""

    check: Check
    outcome: Outcome

    @property
    def state(self) -> FindingState:
        """What was found."""
        return self.outcome.state


def examine(check: Check, subject: Subject) -> Finding:
    """Test one requirement. A fact that is missing or not understood gives *unknown*, never ok."""
    try:
        return Finding(check, check.test(subject))
    except FactMissing as missing:
        return Finding(
            check, Outcome(FindingState.UNKNOWN, f"Not known: {missing.reason.rstrip('.')}.", _raw(missing))
        )


def _raw(missing: FactMissing) -> tuple[Evidence, ...]:
    reading = missing.reading
    if reading is None:
        return ()
    shown = (reading.output.stdout + reading.output.stderr).splitlines()
    if reading.state not in (ReadingState.OK, ReadingState.UNPARSABLE):
        shown = [reading.problem, *shown]
    return (Evidence(reading.host, reading.command, tuple(shown[:20])),)
