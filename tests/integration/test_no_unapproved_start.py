"""Random schedules of everything that can happen to a request: nothing starts that nobody approved."""

import re
from pathlib import Path
from typing import Any

import pytest

from inventory.lab.estate import running_lab
from liveupdate.actions.requests import create_request
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.records.ladders import standing_of
from portal.lib.errors import PortalError
from tests.integration.test_emergencies_on_the_lab import endpoint
from tests.schedules import (
    HAPPENINGS,
    MEANWHILE,
    Scene,
    Tally,
    attempt,
    give_plan,
    hands_in,
    make_scene,
    own_clock,
    play,
    wish,
)

pytestmark = [pytest.mark.django_db, pytest.mark.threat("T21")]


def test_a_sample_of_schedules() -> None:
    tally = play(4)
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


@pytest.mark.deep
@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
def test_a_sample_over_ssh(tmp_path: Path) -> None:
    """The log of what the LPAR really ran is the judge: no command of a plan that nobody approved."""
    with running_lab(tmp_path / "lab", speed=100) as lab, own_clock():
        log, allowed, tally = lab.directory / "hosts/pay01/truth.log", set[str](), Tally()
        scene = make_scene(7, tally, endpoint(lab, "pay01"), endpoint(lab, "hmc01"))
        for _ in range(12):
            for happening in scene.dice.sample(HAPPENINGS, 3):
                attempt(scene, happening)
            allowed |= started_by_a_worker(scene)
        ran = set(re.findall(r"plan-[0-9a-f]+", log.read_text()))
    print(f"{tally}\n{len(ran)} plans ran on the LPAR, {len(ran - allowed)} of them unapproved")
    assert ran == allowed
    assert ran


def started_by_a_worker(scene: Scene) -> set[str]:
    """Start the run if the portal lets it, execute it over SSH, and go on with another request.

    The plan's name if it might begin by our own book.
    """
    try:
        run = start_run(scene.request.pk)
    except PortalError as refused:
        scene.tally.held[refused.code] += 1
        return set()
    if scene.dice.random() < 0.5:
        attempt(scene, scene.dice.choice(MEANWHILE))
    might = scene.book.may_start
    named = re.findall(r"plan-[0-9a-f]+", run.plan.document)
    execute(run.pk, "w1")
    scene.request = create_request(scene.people["ann"], scene.world.lpar.pk, wish())
    scene.book.void()
    scene.book.editors.clear()
    give_plan(scene)
    attempt(scene, hands_in)
    return set(named) if might else set()
