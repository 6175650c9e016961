"""What surrogates take at once over time: never more and never less than those that overlap."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from liveupdate.control.demand import Demand, highest, levels
from liveupdate.lpar.surrogate import Amount

START = datetime(2026, 11, 26, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = (START, START + 24 * HOUR)


def demand(begin: int, end: int, memory: int | None) -> Demand:
    amount = None if memory is None else Amount(memory, Decimal(memory) / 1000)
    return Demand((START + begin * HOUR, START + end * HOUR), amount)


def test_those_that_overlap_are_taken_together_and_the_unknown_is_counted() -> None:
    found = levels([demand(1, 4, 1000), demand(3, 6, 2000), demand(5, 7, None), demand(30, 40, 9)], *DAY)
    said = [(each.span[0].hour, each.span[1].hour, each.amount.memory_mb, each.unknown) for each in found]
    assert said == [
        (1, 3, 1000, 0), (3, 4, 3000, 0), (4, 5, 2000, 0), (5, 6, 2000, 1), (6, 7, 0, 1)
    ]  # fmt: skip
    most = highest(found)
    assert most is not None
    assert (most.amount, most.count) == (Amount(3000, Decimal(3)), 2)
    assert highest([]) is None


@given(st.lists(st.tuples(st.integers(-5, 30), st.integers(1, 9), st.integers(0, 99)), max_size=12))
def test_at_every_hour_it_is_the_sum_of_what_is_under_way(asked: list[tuple[int, int, int]]) -> None:
    demands = [demand(begin, begin + length, memory) for begin, length, memory in asked]
    found = levels(demands, *DAY)
    for hour in range(24):
        at = START + hour * HOUR
        wanted = sum(memory for begin, length, memory in asked if begin <= hour < begin + length)
        here = [each for each in found if each.span[0] <= at < each.span[1]]
        assert sum(each.amount.memory_mb for each in here) == wanted
        assert len(here) <= 1
