"""What a readiness check is: one requirement of the handbook, tested on an LPAR's facts.

A check's file holds one `Check` and imports nothing of its siblings. It returns the findings with
the observed lines they rest on; a fact without a usable value makes the finding *unknown*.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from inventory.facts.base import FactMissing, ReadingState
from liveupdate.lpar.subject import Answer, Subject

_HMC_REFUSAL = re.compile(
    r"\bHSC[LE]?[A-Z0-9]{4,5}\b|The command entered is|An invalid (?:attribute|parameter|resource|filter)"
)


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
    """One requirement: its id in the handbook (`RQ-040`), why it exists, how to see and to cure it.

    `severity` is what not meeting it means at worst; `varies` says in words where procedure or level
    make it less. `see` is how a person looks by hand: the command, and what it should show.
    `recalled`: no readable source states the rule, so people verify it before they rely on it.
    `settled_by_preview`: Live Update's own preview tests the same before anything changes, and the
    command is not part of the common readiness run (handbook 5.0); a host that refuses that command
    leaves the verdict as it is. `question` is put to a person where no command can tell.
    """

    id: str
    title: str
    why: str
    remedy: str
    severity: Severity
    test: Callable[[Subject], Outcome]
    source: str = ""
    see: str = ""
    varies: str = ""
    recalled: bool = False
    settled_by_preview: bool = False
    question: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A check with its outcome for one LPAR. `not_asked`: the host refused the command."""

    check: Check
    outcome: Outcome
    not_asked: bool = False

    @property
    def state(self) -> FindingState:
        """What was found."""
        return self.outcome.state

    @property
    def undecided(self) -> bool:
        """Whether the verdict must wait: what could block is not known, and the preview will not tell."""
        if self.state != FindingState.UNKNOWN or self.check.severity != Severity.BLOCKER:
            return False
        return not (self.check.settled_by_preview and self.not_asked)


def shown_state(state: str, curable: bool, consent: str) -> str:
    """A finding's state as people read it: `planned_cure` and `needs_consent` where the plan can help."""
    if not curable:
        return state
    return "needs_consent" if consent else "planned_cure"


def answered(subject: Subject, check_id: str, *, met: str, open_question: str) -> Outcome:
    """What a person's standing answer makes of a requirement that no command can test.

    `met` is the sentence for a yes, `open_question` the one while nobody has answered.
    """
    answer = subject.answers.get(check_id)
    if answer is None:
        return Outcome(FindingState.UNKNOWN, open_question)
    if answer.holds:
        return Outcome(FindingState.OK, f"{met} {_said(answer)}")
    return Outcome(FindingState.WARNING, f"Not so. {_said(answer)}")


def _said(answer: Answer) -> str:
    return f"Answered by {answer.by} on {answer.given_on}, good until {answer.good_until}: {answer.reason}"


def examine(check: Check, subject: Subject) -> Finding:
    """Test one requirement. A fact that is missing or not understood gives *unknown*, never ok."""
    try:
        return Finding(check, check.test(subject))
    except FactMissing as missing:
        message = f"Not known: {missing.reason.rstrip('.')}."
        return Finding(check, Outcome(FindingState.UNKNOWN, message, _raw(missing)), _refused(missing))


def _refused(missing: FactMissing) -> bool:
    """Whether the host answered by a status alone: it lacks the command, or does not know it in this form.

    An HMC says on standard output too that it refuses.
    """
    output = missing.reading.output if missing.reading is not None else None
    if output is None or not output.status:
        return False
    return not output.stdout.strip() or _HMC_REFUSAL.search(output.stdout) is not None


def _raw(missing: FactMissing) -> tuple[Evidence, ...]:
    reading = missing.reading
    if reading is None:
        return ()
    shown = (reading.output.stdout + reading.output.stderr).splitlines()
    if reading.state not in (ReadingState.OK, ReadingState.UNPARSABLE):
        shown = [reading.problem, *shown]
    return (Evidence(reading.host, reading.command, tuple(shown[:20])),)
