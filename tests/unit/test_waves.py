"""Waves: no limit is ever exceeded, nothing gets lost, and there are few of them."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveupdate.control.canaries import Fingerprint, coverage_of, propose_canaries
from liveupdate.control.reasons import Reason
from liveupdate.control.waves import Candidate, Limits, Waves, plan_waves
from liveupdate.lpar.surrogate import Amount

TEAMS = ("Payroll", "Webshop")
SYSTEMS, HMCS, MASTERS = ("p9a", "p9b", "p9c"), ("hmc01", "hmc02"), ("", "nim01", "nim02")
UNKNOWN = Reason("room_unknown", "Nobody has asked an HMC for it yet.", "Read the facts first.")
KEYS = ("cluster payclu", "cluster webclu", "application Payroll", "application Web", "application BI")


def amount(memory: int, cores: str) -> Amount:
    return Amount(memory, Decimal(cores))


@st.composite
def fleets(draw: st.DrawFn) -> tuple[list[Candidate], Limits]:
    """Up to 40 LPARs on three managed systems with little room."""
    rooms = {name: amount(draw(st.integers(8, 64)) * 1024, str(draw(st.integers(1, 16)))) for name in SYSTEMS}
    limits = Limits(
        room=dict(rooms) | ({"p9c": UNKNOWN} if draw(st.booleans()) else {}),
        per_system=draw(st.integers(1, 6)),
        per_hmc=draw(st.integers(1, 8)),
        per_team=draw(st.integers(1, 8)),
        per_master={"nim01": draw(st.integers(1, 4)), "nim02": 2},
    )
    count = draw(st.integers(0, 40))
    candidates = [
        Candidate(
            name=f"aix{number:02d}",
            system=draw(st.sampled_from(SYSTEMS)),
            hmc=draw(st.sampled_from(HMCS)),
            team=draw(st.sampled_from(TEAMS)),
            need=draw(
                st.none()
                | st.builds(
                    Amount, st.integers(1, 20).map(lambda gb: gb * 1024), st.integers(1, 40).map(tenths)
                )
            ),
            master=draw(st.sampled_from(MASTERS)),
            apart=frozenset(draw(st.sets(st.sampled_from(KEYS), max_size=2))),
            canary=draw(st.integers(0, 9)) == 0,
        )
        for number in range(count)
    ]
    return candidates, limits


def tenths(number: int) -> Decimal:
    return Decimal(number) / 10


def broken(candidates: list[Candidate], limits: Limits, waves: Waves) -> list[str]:
    """What a plan of waves breaks, judged without the planner's own sums."""
    by_name = {each.name: each for each in candidates}
    found = []
    for number in range(1, waves.count + 1):
        members = [by_name[each.name] for each in waves.placed if each.wave == number]
        found += [
            f"{what} in wave {number}" for what in (*too_much(members, limits), *too_many(members, limits))
        ]
    return found


def too_much(members: list[Candidate], limits: Limits) -> Iterator[str]:
    for system in {each.system for each in members}:
        room = limits.room[system]
        assert isinstance(room, Amount)
        needs = [each.need for each in members if each.system == system and each.need]
        if sum(need.memory_mb for need in needs) > room.memory_mb:
            yield f"memory of {system}"
        if sum(need.cores for need in needs) > room.cores:
            yield f"cores of {system}"


def too_many(members: list[Candidate], limits: Limits) -> Iterator[str]:
    bounds = [(each.system, limits.per_system) for each in members]
    bounds += [(each.hmc, limits.per_hmc) for each in members]
    bounds += [(each.team, limits.per_team) for each in members]
    bounds += [(each.master, limits.per_master[each.master]) for each in members if each.master]
    bounds += [(key, 1) for each in members for key in each.apart]
    for (place, most), count in Counter(bounds).items():
        if count > most:
            yield f"{count} at {place}"


@given(fleets())
@settings(max_examples=120)
@pytest.mark.deep
def test_no_limit_is_broken_and_nothing_is_lost(fleet: tuple[list[Candidate], Limits]) -> None:
    candidates, limits = fleet
    waves = plan_waves(candidates, limits)
    assert broken(candidates, limits, waves) == []
    placed = [each.name for each in waves.placed]
    assert sorted([*placed, *waves.left_out]) == sorted(each.name for each in candidates)
    assert all(each.why for each in waves.placed)
    canaries = {each.name for each in candidates if each.canary}
    last = max((each.wave for each in waves.placed if each.name in canaries), default=0)
    assert all(each.wave > last for each in waves.placed if each.name not in canaries)
    assert waves.least <= waves.count <= 3 * max(waves.least, 1)
    assert {each.wave for each in waves.placed} == set(range(1, waves.count + 1))
    assert plan_waves(reversed(candidates), limits) == waves


@given(fleets())
@pytest.mark.deep
def test_what_is_left_out_fits_nowhere_even_alone(fleet: tuple[list[Candidate], Limits]) -> None:
    candidates, limits = fleet
    waves = plan_waves(candidates, limits)
    for one in candidates:
        room = limits.room[one.system]
        fits = (
            isinstance(room, Amount)
            and one.need is not None
            and one.need.memory_mb <= room.memory_mb
            and one.need.cores <= room.cores
        )
        assert (one.name in waves.left_out) != fits
        if not fits:
            assert waves.left_out[one.name].remedy


def test_forty_lpars_on_three_systems_take_as_few_waves_as_can_be() -> None:
    rooms = {name: amount(40960, "8") for name in SYSTEMS}
    candidates = [
        Candidate(
            f"aix{n:02d}",
            SYSTEMS[n % 3],
            "hmc01",
            "Payroll",
            amount(4096 + n % 5 * 2048, "0.5"),
            canary=n in (0, 1),
        )
        for n in range(40)
    ]
    waves = plan_waves(candidates, Limits(dict(rooms), per_system=8, per_hmc=24, per_team=40))
    assert waves.count == waves.least == 4


def test_each_placement_is_explained() -> None:
    room = {"p9a": amount(20000, "8")}
    big = amount(8448, "0.5")
    waves = plan_waves(
        [
            Candidate(
                "pay01", "p9a", "hmc01", "Payroll", big, apart=frozenset({"cluster payclu"}), canary=True
            ),
            Candidate("pay02", "p9a", "hmc01", "Payroll", big, apart=frozenset({"cluster payclu"})),
            Candidate("pay03", "p9a", "hmc01", "Payroll", big, apart=frozenset({"cluster payclu"})),
            Candidate("web01", "p9a", "hmc01", "Payroll", big),
            Candidate("web02", "p9a", "hmc01", "Payroll", big),
            Candidate("huge", "p9a", "hmc01", "Payroll", amount(30000, "1")),
            Candidate("dark", "p9a", "hmc01", "Payroll", None),
        ],
        Limits(dict(room), per_system=4, per_hmc=8, per_team=8),
    )
    why = {each.name: (each.wave, each.why) for each in waves.placed}
    fits = "Its surrogate takes 8448 MB and 0.5 cores of the 20000 MB and 8 cores that p9a has."
    assert why["pay01"] == (1, f"A canary: it goes before all others. {fits}")
    assert why["pay02"] == (2, fits)
    same = "pay02, of the same cluster payclu, is in it"
    assert why["pay03"] == (3, f"Wave 2 has no place for it: {same}. {fits}")
    assert why["web02"][1].startswith(
        "Wave 2 has no place for it: p9a has 20000 MB for surrogates, and pay02"
    )
    assert waves.left_out["huge"].code == "no_room"
    assert waves.left_out["dark"].code == "need_unknown"


def test_a_known_fleet_has_a_known_cover() -> None:
    fleet = {
        "a": Fingerprint(frozenset({"level 1", "fc"})),
        "b": Fingerprint(frozenset({"level 1", "sas", "ifix X"})),
        "c": Fingerprint(frozenset({"level 2", "fc"})),
        "d": Fingerprint(frozenset({"level 2", "fc", "agent"})),
        "e": Fingerprint(frozenset({"level 1", "fc"}), ("rootvg",)),
    }
    assert propose_canaries(fleet, 5) == ["d", "b"]
    full = coverage_of(fleet, ["b", "d"])
    assert full.covered == ("a", "b", "c", "d")
    assert full.sentence == "cover 4 of 5 LPARs' fingerprints; not covered: unknown rootvg"
    one = coverage_of(fleet, ["a"])
    assert one.covered == ("a",)
    assert list(one.missing)[:2] == ["level 2", "agent"]
    assert propose_canaries(fleet, 1, {"a", "c"}) == ["a"]
    assert propose_canaries({}, 3) == []


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.frozensets(st.integers(0, 9).map(str))))
def test_without_a_limit_the_canaries_cover_every_trait(fleet: dict[str, frozenset[str]]) -> None:
    fingerprints = {name: Fingerprint(traits) for name, traits in fleet.items()}
    canaries = propose_canaries(fingerprints, len(fleet))
    assert len(coverage_of(fingerprints, canaries).covered) == len(fleet)
    assert len(canaries) <= max(1, len(frozenset[str]().union(*fleet.values())))
