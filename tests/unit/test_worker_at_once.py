"""A worker process does so many errands at once, and no more, however often a bell rings."""

import threading
import time
from collections.abc import Callable

import pytest

from liveupdate.engine.worker import MOST_AT_ONCE, Worker


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.threat("T25")
def test_a_flood_of_bells_is_bounded_and_work_goes_on_after_it() -> None:
    worker, gate, begun = Worker(), threading.Event(), list[int]()

    def errand(pk: int) -> None:
        begun.append(pk)
        gate.wait(20)

    before = threading.active_count()
    for pk in range(1, MOST_AT_ONCE + 500):
        worker.begin("look", pk, errand)
    assert threading.active_count() - before <= MOST_AT_ONCE
    gate.set()
    until(lambda: threading.active_count() <= before)
    assert sorted(begun) == list(range(1, MOST_AT_ONCE + 1))
    worker.begin("look", MOST_AT_ONCE + 1, errand)
    until(lambda: MOST_AT_ONCE + 1 in begun)
