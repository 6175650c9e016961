"""RQ-174: an earlier Live Update must not be running or waiting for its cleanup."""

from inventory.facts.aix.errpt import ERRPT
from inventory.facts.aix.liveupdate_cf import LIVEUPDATE_CF
from inventory.facts.error_log import ErrorEntry
from liveupdate.lpar.state import lpar_state
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted
from liveupdate.states import LparState

COMPLETED = "12295E0B"
NOTHING_LEFT = frozenset({LparState.FAILED_CLEAN, LparState.UPDATED_NOT_ACTIVE})


def _test(subject: Subject) -> Outcome:
    """The newest Live Update entry of the error log must be a completion.

    `liveupdate.cf` is quoted beside it: a preview writes it too, so it proves nothing alone. A cleanup
    leaves the error log as it is, so that only a person can say that there was one since.
    """
    entries = subject.value(ERRPT)
    if not entries:
        return Outcome(FindingState.OK, "The error log holds no Live Update.", (quoted(subject, ERRPT),))
    newest = entries[0]
    evidence = (lines_with(subject, ERRPT, having=(newest.timestamp,)), *_configuration(subject))
    if newest.identifier == COMPLETED or "completed successfully" in newest.description:
        return Outcome(FindingState.OK, "The last Live Update completed.", evidence)
    message = f"The last Live Update did not complete: {newest.description or newest.identifier}."
    answer = subject.answers.get("RQ-174")
    if answer is not None and answer.holds and answer.given_on >= _day(newest):
        message = f"{message} Cleaned up, says {answer.by} on {answer.given_on}: {answer.reason}"
        return Outcome(FindingState.WARNING, message, evidence)
    if (seen := lpar_state(subject)).state in NOTHING_LEFT:
        return Outcome(FindingState.WARNING, f"{message} {seen.why}", (*evidence, *seen.evidence))
    return Outcome(FindingState.BLOCKER, message, evidence)


def _day(entry: ErrorEntry) -> str:
    """The day of an entry stamped MMDDhhmmYY, as `2026-11-25`."""
    return f"20{entry.timestamp[8:]}-{entry.timestamp[:2]}-{entry.timestamp[2:4]}"


def _configuration(subject: Subject) -> tuple[Evidence, ...]:
    return (quoted(subject, LIVEUPDATE_CF),) if subject.reading(LIVEUPDATE_CF) is not None else ()


CHECK = Check(
    id="RQ-174",
    title="No unfinished Live Update",
    why="A failed Live Update leaves a lock and changed resources; a second one makes it worse.",
    remedy="Ask for the cleanup after a failed Live Update: it collects the logs first, and gives clvupdate "
    "the flags that fit the state.",
    see="errpt -N LVUPDATE shows 12295E0B (completed) last, and the preview finds no lock",
    question="If an earlier Live Update did not complete: was it cleaned up since, with clvupdate?",
    varies="A warning where LPAR and HMC show nothing of it any more, and once a person said, after the "
    "failure, that it was cleaned up; the preview proves it.",
    severity=Severity.BLOCKER,
    test=_test,
)
