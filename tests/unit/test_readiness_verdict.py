"""The verdict on findings: what is worst decides."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.facts.aix.account import ACCOUNT
from inventory.facts.base import FactSet, Output, Reading, ReadingState
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Finding, FindingState, Outcome, Severity, examine
from liveupdate.readiness.catalogue import CHECKS, assess, verdict_on
from liveupdate.states import Verdict


def finding(
    state: FindingState,
    severity: Severity = Severity.BLOCKER,
    *,
    curable: bool = False,
    consent: str = "",
) -> Finding:
    outcome = Outcome(state, "", curable=curable, consent=consent)
    return Finding(Check("RQ-000", "", "", "", severity, lambda subject: outcome), outcome)


OK = finding(FindingState.OK)
HARD = finding(FindingState.BLOCKER)
ROUTINE = finding(FindingState.BLOCKER, curable=True)
CURABLE = finding(FindingState.BLOCKER, curable=True, consent="remove_ifixes")
UNKNOWN = finding(FindingState.UNKNOWN)
UNKNOWN_WARNING = finding(FindingState.UNKNOWN, Severity.WARNING)
WARNING = finding(FindingState.WARNING, Severity.WARNING)
ROUTINE_WARNING = finding(FindingState.WARNING, curable=True)
CONSENT_WARNING = finding(FindingState.WARNING, curable=True, consent="commit_filesets")
REMARK = finding(FindingState.WARNING, Severity.INFORMATION)
NOT_APPLICABLE = finding(FindingState.NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([], Verdict.READY),
        ([OK, NOT_APPLICABLE, REMARK, UNKNOWN_WARNING], Verdict.READY),
        ([OK, ROUTINE, ROUTINE_WARNING], Verdict.READY),
        ([OK, CONSENT_WARNING], Verdict.READY_WITH_ACTIONS),
        ([OK, WARNING], Verdict.READY_WITH_ACTIONS),
        ([OK, CURABLE], Verdict.READY_WITH_ACTIONS),
        ([CURABLE, UNKNOWN, WARNING], Verdict.UNKNOWN),
        ([UNKNOWN, HARD, CURABLE], Verdict.NOT_POSSIBLE),
    ],
)
def test_verdict(findings: list[Finding], verdict: Verdict) -> None:
    assert verdict_on(findings) == verdict


ANY = st.lists(
    st.sampled_from([OK, HARD, CURABLE, UNKNOWN, UNKNOWN_WARNING, WARNING, REMARK, NOT_APPLICABLE])
)


@given(ANY, st.randoms())
def test_order_does_not_matter_and_more_blockers_never_help(findings: list[Finding], random: object) -> None:
    shuffled = sorted(findings, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert verdict_on(shuffled) == verdict_on(findings)
    assert verdict_on([*findings, HARD]) == Verdict.NOT_POSSIBLE
    assert verdict_on([*findings, UNKNOWN]) in (Verdict.UNKNOWN, Verdict.NOT_POSSIBLE)


def test_an_lpar_nobody_looked_at_is_unknown() -> None:
    subject = Subject("a", "", "", "", "", "", "", "", "local_live_update", "", "", FactSet())
    assessment = assess(subject)
    assert [found.check for found in assessment.findings] == list(CHECKS)
    assert assessment.verdict == Verdict.UNKNOWN


def test_ids_are_unique_and_in_order() -> None:
    ids = [check.id for check in CHECKS]
    assert ids == sorted(set(ids))


OK_STATE, UNREACHABLE = ReadingState.OK, ReadingState.UNREACHABLE


@pytest.mark.parametrize(
    ("output", "state", "waits"),
    [
        (Output("", "ksh: id:  not found.\n", 127), OK_STATE, False),
        (Output("", "id: unknown arguments\n", 95), OK_STATE, False),
        (Output("ID utilisateur=0(root)\n"), OK_STATE, True),
        (Output("uid=0(ro", "", 1), OK_STATE, True),
        (Output("", "", None), UNREACHABLE, True),
    ],
)
def test_what_the_preview_tests_too_may_be_refused_but_not_misunderstood(
    output: Output, state: ReadingState, waits: bool
) -> None:
    facts = FactSet()
    facts.add(Reading(ACCOUNT.name, "", "a", "id", output, datetime(2026, 1, 1, tzinfo=UTC), state))
    subject = Subject("a", "", "", "", "", "", "", "", "local_live_update", "", "", facts)
    check = next(check for check in CHECKS if check.id == "RQ-150")
    assert check.settled_by_preview
    assert examine(check, subject).undecided is waits
    assert examine(replace(check, settled_by_preview=False), subject).undecided
