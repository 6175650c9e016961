"""How a campaign goes on, what speaks against it, and what makes the fingerprint of an LPAR."""

from datetime import UTC, datetime, timedelta

import pytest

from inventory.facts.error_log import ErrorEntry
from liveupdate.control.rollout import Rollout, Stage, Standing, rollout
from liveupdate.control.signals import Bounds, Outcome, signs_of
from liveupdate.lpar.fingerprint import fingerprint_of, runs_powerha
from liveupdate.states import RunState, Signal
from tests.estate import subject

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def one(name: str, wave: int, stage: Stage, ended: int | None = None, *, canary: bool = False) -> Standing:
    """`ended` is how many minutes ago."""
    return Standing(name, wave, canary, stage, None if ended is None else AT - timedelta(minutes=ended))


def go(*standings: Standing) -> Rollout:
    return rollout(standings, HOUR, AT)


def test_the_first_wave_goes_at_once_and_the_second_says_what_it_waits_for() -> None:
    found = go(one("a", 1, Stage.APPROVED, canary=True), one("b", 2, Stage.APPROVED))
    assert found.released == {"a"}
    assert found.holds["b"].message == "Wave 2 waits for wave 1: the canary a has not begun."


def test_the_soak_counts_from_the_last_end() -> None:
    canary = one("a", 1, Stage.SUCCEEDED, 59, canary=True)
    held = go(canary, one("b", 2, Stage.APPROVED)).holds["b"]
    assert (held.code, held.until) == ("soak", AT + timedelta(minutes=1))
    assert held.message == "Wave 2 waits for the canary's soak until 2026-03-01 12:01:00 UTC."
    assert go(one("a", 1, Stage.SUCCEEDED, 60, canary=True), one("b", 2, Stage.APPROVED)).released == {"b"}
    later = go(one("a", 1, Stage.SUCCEEDED, 90, canary=True), one("b", 2, Stage.SUCCEEDED, 5),
               one("c", 3, Stage.APPROVED)).holds["c"]  # fmt: skip
    assert later.message.startswith("Wave 3 waits for the soak until")


@pytest.mark.parametrize("stage", [Stage.NOT_APPROVED, Stage.UNDER_WAY, Stage.APPROVED])
def test_every_canary_holds_what_comes_after(stage: Stage) -> None:
    found = go(
        one("a", 1, Stage.SUCCEEDED, 90, canary=True),
        one("b", 1, stage, canary=True),
        one("c", 2, Stage.APPROVED),
    )
    assert found.holds["c"].code == "wave_before"
    assert "c" not in found.released


def test_without_a_canary_that_succeeded_nothing_follows() -> None:
    found = go(one("a", 1, Stage.GONE, canary=True), one("b", 2, Stage.APPROVED))
    assert (found.released, found.holds["b"].code) == (frozenset(), "no_canary")


def test_who_is_not_approved_holds_only_itself() -> None:
    found = go(
        one("a", 1, Stage.SUCCEEDED, 90, canary=True),
        one("b", 2, Stage.NOT_APPROVED),
        one("c", 3, Stage.APPROVED),
    )
    assert found.released == {"c"}
    assert found.holds["b"].code == "not_approved"


def test_many_that_are_under_way_are_counted() -> None:
    found = go(*(one(name, 1, Stage.UNDER_WAY) for name in "abc"), one("d", 2, Stage.APPROVED))
    assert found.holds["d"].message == "Wave 2 waits for wave 1: a is under way, and 2 more."


def test_it_is_finished_when_everything_is_over() -> None:
    assert go(one("a", 1, Stage.SUCCEEDED, 1, canary=True), one("b", 2, Stage.GONE)).finished
    assert not go(one("a", 1, Stage.SUCCEEDED, 1, canary=True), one("b", 2, Stage.NOT_APPROVED)).finished


OLD = ErrorEntry("B6267342", "0228120026", "P", "H", "hdisk0", "DISK OPERATION ERROR")
NEW = ErrorEntry("A2205861", "0301120026", "P", "H", "fcs0", "ADAPTER ERROR")
BOUNDS = Bounds(blackout_s=30, contact_minutes=15, level="7200-05-04-2220")


@pytest.mark.parametrize(
    ("outcome", "signals"),
    [
        (Outcome("a", RunState.SUCCEEDED, 29.0, "7200-05-04-2220", (OLD,), (OLD,)), []),
        (Outcome("a", RunState.SUCCEEDED, 30.1, "7200-05-04-2220"), [Signal.BLACKOUT]),
        (Outcome("a", RunState.SUCCEEDED, 9.0, "7200-05-03-2148"), [Signal.LEVEL]),
        (Outcome("a", RunState.SUCCEEDED_WITH_RESIDUE, 9.0, "", (OLD,), (NEW, OLD)), [Signal.ERROR_LOG]),
        (Outcome("a", RunState.FAILED, None, "7200-05-03-2148"), [Signal.FAILURE]),
        (Outcome("a", RunState.REFUSED), [Signal.FAILURE]),
        (Outcome("a", RunState.ABORTED, errors_after=(NEW,)), [Signal.FAILURE]),
        (Outcome("a", RunState.CONTACT_LOST, lost_for=timedelta(minutes=16)), [Signal.CONTACT_LOST]),
        (Outcome("a", RunState.CONTACT_LOST, lost_for=timedelta(minutes=15)), []),
        (Outcome("a", RunState.RUNNING, 31.0), [Signal.BLACKOUT]),
    ],
)
def test_what_speaks_against_going_on(outcome: Outcome, signals: list[Signal]) -> None:
    assert [sign.signal for sign in signs_of(outcome, BOUNDS)] == signals


def test_a_budget_of_nothing_is_no_budget() -> None:
    assert signs_of(Outcome("a", RunState.SUCCEEDED, 999.0), Bounds(0, 15, "")) == []


def test_a_fingerprint_has_what_was_read_and_names_what_was_not() -> None:
    heading = "Subsystem         Group            PID          Status\n"
    running = " dsmcad           adsm             5505278      active\n"
    seen = subject({"kernel_extensions": None, "lssrc": heading + running})
    found = fingerprint_of(seen.facts, "9080-M9S", {"dsmcad", "zabbix_agentd"})
    assert {
        "level 7200-05-03-2148",
        "machine 9080-M9S",
        "rootvg on 1 disk(s)",
        "agent dsmcad",
    } <= found.traits
    assert "adapter Virtual Fibre Channel Client Adapter" in found.traits
    assert {"kernel extensions", "interim fixes"} == set(found.unknown)
    assert not runs_powerha(seen.facts)
    node = subject({"cluster_manager:clstrmgrES": "Current state: ST_STABLE\n"})
    assert "PowerHA" in fingerprint_of(node.facts, "", ()).traits
