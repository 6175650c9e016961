"""Whether surrogates find room: alone, beside others, with an Enterprise Pool, and when nobody knows."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.facts.base import FactMissing, Output
from liveupdate.lpar.capacity import (
    NO_POOL,
    Activatable,
    Capacity,
    Fit,
    Need,
    Room,
    activatable,
    capacity_for,
    fit,
    shortage,
    surrogates_started,
)
from liveupdate.lpar.surrogate import Amount, Reservation, total
from liveupdate.readiness.base import FindingState, examine
from liveupdate.readiness.catalogue import CHECKS
from tests.estate import READ_AT, SYSTEM, reading, subject

CHECK = {check.id: check for check in CHECKS}
LPARS = f"lpars:{SYSTEM}"
POOL = {
    "cod_pools": "name=CUP,id=1,state=In compliance,mobile_procs=4,avail_mobile_procs=2,"
    "unreturned_mobile_procs=1,mobile_mem=65536,avail_mobile_mem=0\n",
    "cod_pool_systems:CUP": "name=x,mtms=9080-M9S*78A1234,inactive_procs=8,inactive_mem=unavailable\n",
}


def capacity(memory_mb: int, cores: str, need: int = 8192, more: Activatable = NO_POOL) -> Capacity:
    room = Room(Amount(131072, Decimal(16)), Amount(memory_mb, Decimal(cores)), more)
    return Capacity(Need(need, 256, Decimal("0.5")), room)


def taken(memory_mb: int, cores: str = "0.5", holder: str = "R-000001 (pay02)") -> Reservation:
    return Reservation(holder, Amount(memory_mb, Decimal(cores)))


@pytest.mark.parametrize(
    ("have", "others", "says"),
    [
        (capacity(8192, "0.5"), (), ""),
        (capacity(8191, "0.5"), (), "needs 8192 MB of memory, and 8191 MB are left."),
        (capacity(8192, "0.4"), (), "needs 0.5 cores, and 0.4 are left."),
        (capacity(16640, "1.0"), (taken(8448),), ""),
        (capacity(16639, "1.0"), (taken(8448),), "8191 MB are left beside R-000001 (pay02)."),
        (capacity(16640, "0.9"), (taken(8448),), "0.4 are left beside R-000001 (pay02)."),
        (capacity(99999, "9.9"), (Reservation("R-000002 (x)", None),), "Nobody knows how much"),
        (capacity(4096, "0.5", more=Activatable("CUP", 4096, 0)), (), ""),
        (capacity(4096, "0.5", more=Activatable("CUP", 4095, 0)), (), "8191 MB are left"),
        (capacity(4096, "0.5", more=Activatable("", None, None)), (), "4096 MB are left"),
        (replace(capacity(8192, "0.1"), fewer_cores=True), (), ""),
    ],
)
def test_shortage(have: Capacity, others: tuple[Reservation, ...], says: str) -> None:
    said = shortage(have, others)
    assert says in said and bool(says) is bool(said)


@given(st.lists(st.integers(1, 20000), max_size=8), st.integers(0, 100000))
def test_what_finds_room_one_after_the_other_never_takes_more_than_there_is(
    needs: list[int], free: int
) -> None:
    held: tuple[Reservation, ...] = ()
    for needed in needs:
        have = capacity(free, "100", need=needed)
        if not shortage(have, held):
            held = (*held, Reservation("x", have.need.amount))
    reserved = total(held)
    assert reserved is not None
    assert reserved.memory_mb <= free + 256 * bool(held)


@pytest.mark.parametrize(
    ("needed", "free", "others", "more", "how"),
    [
        (4, 4, 0, 0, Fit.FREE),
        (4, 4, 1, 0, Fit.AFTER_OTHERS),
        (4, 4, None, 9, Fit.AFTER_OTHERS),
        (4, 3, 0, 1, Fit.BY_POOL),
        (4, 3, 0, None, Fit.NONE),
        (4, 3, 0, 0, Fit.NONE),
    ],
)
def test_fit(needed: int, free: int, others: int | None, more: int | None, how: Fit) -> None:
    assert fit(needed, free, others, more) is how


def test_a_pool_adds_what_is_built_in_up_to_twice_the_entitlement() -> None:
    facts = subject(POOL).facts
    assert activatable(facts, SYSTEM, "78A1234") == Activatable("CUP", None, 5)
    more = POOL | {
        f"memory_system:{SYSTEM}": "configurable_sys_mem=9,curr_avail_sys_mem=1,installed_sys_mem=50\n"
    }
    assert activatable(subject(more).facts, SYSTEM, "78A1234") == Activatable("CUP", 41, 5)
    assert activatable(facts, SYSTEM, "78A9999") == NO_POOL
    out = {**POOL, "cod_pools": POOL["cod_pools"].replace("In compliance", "Out of compliance")}
    assert activatable(subject(out).facts, SYSTEM, "78A1234") == Activatable("CUP", 0, 0)
    unknown = {"cod_pools": Output("HSCL350B no authority\n", "", 1)}
    assert activatable(subject(unknown).facts, SYSTEM, "78A1234") == Activatable("", None, None)


def test_unknown_capacity_is_unknown() -> None:
    with pytest.raises(FactMissing):
        capacity_for(subject({f"memory_system:{SYSTEM}": None}))
    with pytest.raises(FactMissing):
        capacity_for(subject({f"processors_lpar:{SYSTEM},pay01": None}))


def test_a_surrogate_that_runs_is_part_of_what_is_not_free() -> None:
    rows = "web01_lku0,7,Running,active,n,1\nweb01,31,{},active,n,1\npay01,26,Running,active,normal,1\n"
    for state, counted in (("Not Activated", False), ("Starting", True), ("Running", True)):
        facts = subject({LPARS: rows.format(state)}).facts
        assert surrogates_started(facts, SYSTEM) == ({"web01"} if counted else set())
    late = replace(reading(LPARS, rows.format("Running")), read_at=READ_AT + timedelta(seconds=1))
    facts.add(late)
    assert surrogates_started(facts, SYSTEM) == set(), "memory was asked for before"


@pytest.mark.parametrize(
    ("check_id", "neighbours", "state", "says"),
    [
        ("RQ-071", (taken(1, "3.0"),), FindingState.OK, "3.5 cores free"),
        ("RQ-071", (taken(1, "3.1"),), FindingState.WARNING, "3.1 are reserved for R-000001 (pay02)"),
        ("RQ-071", (Reservation("R-000002", None),), FindingState.WARNING, "an unknown number"),
        ("RQ-072", (taken(16384),), FindingState.OK, "24576 MB free"),
        ("RQ-072", (taken(16385),), FindingState.WARNING, "16385 MB is reserved for R-000001 (pay02)"),
        ("RQ-072", (Reservation("R-000002", None),), FindingState.WARNING, "an unknown part"),
    ],
)
def test_findings_name_who_takes_the_room(
    check_id: str, neighbours: tuple[Reservation, ...], state: FindingState, says: str
) -> None:
    finding = examine(CHECK[check_id], subject(neighbours=neighbours))
    assert finding.state == state
    assert says in finding.outcome.message
