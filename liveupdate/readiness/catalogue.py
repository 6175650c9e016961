"""All readiness checks, found by walking the package, and the verdict on their findings."""

from collections.abc import Iterable
from dataclasses import dataclass

import liveupdate.readiness
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Finding, FindingState, Severity, examine
from liveupdate.states import Verdict
from portal.lib.discover import constants

CHECKS: tuple[Check, ...] = tuple(
    sorted(constants(liveupdate.readiness, Check, skip=frozenset({__name__})), key=lambda check: check.id)
)
CHECK_OF = {check.id: check for check in CHECKS}
QUESTIONS = {check.id: check for check in CHECKS if check.question}
"""The requirements that only people can speak of."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """The findings on one LPAR in order of their ids, and what they say together."""

    findings: tuple[Finding, ...]
    verdict: Verdict


def assess(subject: Subject, only: frozenset[str] | None = None) -> Assessment:
    """Test every requirement on one LPAR, or `only` those of these ids."""
    chosen = CHECKS if only is None else [check for check in CHECKS if check.id in only]
    findings = tuple(examine(check, subject) for check in chosen)
    return Assessment(findings, verdict_on(findings))


def verdict_on(findings: Iterable[Finding]) -> Verdict:
    """The worst thing decides: a blocker nothing cures, then an unknown one, then work to do.

    An unknown counts where the requirement could block (`Finding.undecided`); a remark (severity
    *information*) never asks for action, and neither does what the procedure always does by itself
    (the HMC logon, `lvupdate.data`): only what needs a person's consent or hands.
    """
    found = tuple(findings)
    blockers = [f for f in found if f.state == FindingState.BLOCKER]
    if any(not f.outcome.curable for f in blockers):
        return Verdict.NOT_POSSIBLE
    if any(f.undecided for f in found):
        return Verdict.UNKNOWN
    if any(f.outcome.consent for f in blockers) or any(_wants_action(f) for f in found):
        return Verdict.READY_WITH_ACTIONS
    return Verdict.READY


def _wants_action(finding: Finding) -> bool:
    if finding.state != FindingState.WARNING or finding.check.severity == Severity.INFORMATION:
        return False
    return bool(finding.outcome.consent) or not finding.outcome.curable
