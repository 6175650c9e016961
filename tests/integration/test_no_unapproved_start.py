"""Random schedules of everything that can happen to a request: nothing starts that nobody approved."""

from typing import Any

import pytest

from liveupdate.records.ladders import standing_of
from tests.schedules import play

pytestmark = [pytest.mark.django_db, pytest.mark.threat("T21")]


def test_a_sample_of_schedules() -> None:
    tally = play(8)
    print(tally)
    assert tally.starts > 0
    assert (tally.unapproved, tally.kept) == (0, 0), tally


@pytest.mark.deep
@pytest.mark.timeout(7200)
def test_many_schedules(request: pytest.FixtureRequest) -> None:
    """`make schedules` plays the thousand that is promised."""
    count, first = (int(request.config.getoption(name)) for name in ("--schedules", "--first-schedule"))
    tally = play(count, first)
    print(tally)
    assert tally.starts > count // 2
    assert (tally.unapproved, tally.kept) == (0, 0), tally


BROKEN: dict[str, Any] = {
    "liveupdate.control.ruling._outdated": lambda *_: None,
    "liveupdate.control.ruling._excluded": lambda *_: None,
    "liveupdate.records.terms.template_counts": lambda *_: True,
    "liveupdate.policies.check_plan": lambda request: request.plan,
    "liveupdate.engine.approval.held_by_calendar": lambda *_: None,
    "liveupdate.engine.approval.approvals_hold": lambda *_: [],
    "liveupdate.policies.entered_standing_of": standing_of,
}
"""Gates without which something unapproved starts."""


@pytest.mark.deep
@pytest.mark.timeout(600)
@pytest.mark.parametrize("gate", BROKEN)
def test_a_gate_that_is_broken_is_noticed(gate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Schedules that could not fail would prove nothing."""
    monkeypatch.setattr(gate, BROKEN[gate])
    assert play(60, to_the_first=True).unapproved
