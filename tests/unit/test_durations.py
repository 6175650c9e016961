"""What a run is expected to take, and what that rests on."""

from datetime import timedelta

import pytest

from liveupdate.control.durations import PastRun, Subject, expected

MINUTE = timedelta(minutes=1)


def subject(lpar: int = 1, system: int = 1, memory_mb: int | None = 8192, **more: object) -> Subject:
    values = {"procedure": "local_live_update", "moves_workload": True}
    return Subject(lpar=lpar, system=system, memory_mb=memory_mb, **(values | more))


def past(minutes: list[int], **more: object) -> list[PastRun]:
    return [PastRun(subject(**more), each * 60) for each in minutes]


def test_an_lpars_own_runs_count_first() -> None:
    told = expected(subject(), past([11, 19]) + past([80] * 9, lpar=2))
    assert (told.run, told.cleanup, told.needs) == (19 * MINUTE, 15 * MINUTE, 34 * MINUTE)
    assert told.basis == "nine of ten of the last 2 runs on this LPAR took no longer"


def test_nine_of_ten_are_no_longer() -> None:
    assert expected(subject(), past(list(range(1, 21)))).run == 18 * MINUTE


def test_else_those_of_its_managed_system_and_size_then_of_its_size() -> None:
    alike = past([20, 21, 22], lpar=2)
    assert "on its managed system" in expected(subject(), past([99]) + alike).basis
    elsewhere = past([20, 21, 30], lpar=2, system=2)
    told = expected(subject(), elsewhere + past([90] * 5, lpar=3, memory_mb=512 * 1024))
    assert (told.run, told.basis) == (
        30 * MINUTE,
        "nine of ten of the last 3 runs of LPARs of its size took no longer",
    )


@pytest.mark.parametrize(
    ("procedure", "moves", "minutes", "cleanup"),
    [
        ("local_live_update", True, 55, 15),
        ("nim_live_update", True, 60, 15),
        ("rollback_clone", False, 22, 0),
        ("local_preview", False, 6, 0),
    ],
)
def test_else_the_handbooks_figures(procedure: str, moves: bool, minutes: int, cleanup: int) -> None:
    wanted = subject(procedure=procedure, moves_workload=moves)
    told = expected(wanted, past([5] * 9, procedure="another"))
    assert (told.run, told.cleanup) == (minutes * MINUTE, cleanup * MINUTE)
    assert told.basis == "IBM's usual times, as too few runs have finished yet"
