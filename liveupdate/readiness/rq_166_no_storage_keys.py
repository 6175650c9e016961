"""RQ-166: programs should not use storage keys."""

from inventory.facts.aix.storage_keys import STORAGE_KEYS
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

FEWEST = 2


def _test(subject: Subject) -> Outcome:
    """Keys that are offered are not yet used: AIX offers the fewest (2) by itself, more were asked for."""
    keys = subject.value(STORAGE_KEYS)
    evidence = (quoted(subject, STORAGE_KEYS),)
    if keys == 0:
        return Outcome(FindingState.OK, "Storage keys for programs are off.", evidence)
    if keys <= FEWEST:
        message = f"Programs have {keys} storage keys, the fewest there can be; nobody set more."
        return Outcome(FindingState.OK, message, evidence)
    message = (
        f"Programs may use {keys} storage keys; by a recalled rule none may be in use. The preview decides."
    )
    return Outcome(FindingState.WARNING, message, evidence)


CHECK = Check(
    id="RQ-166",
    title="Programs use no storage keys",
    why="A recalled rule: a process that protects its memory with storage keys cannot be moved.",
    remedy="Ask the owner of the application whether it uses storage keys; skctl -u off, bosboot and a "
    "restart of the LPAR turn them off.",
    see="skctl -v now shows: Number of user keys = 2, or off",
    varies="A warning, as skctl tells how many keys may be used, not whether one is.",
    severity=Severity.BLOCKER,
    recalled=True,
    settled_by_preview=True,
    test=_test,
)
