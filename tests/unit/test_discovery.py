"""What a discovery makes of an HMC's answers: new, changed, gone, and when it says none of these."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from inventory.discovery.differences import Difference, KnownPartition, KnownSystem
from inventory.discovery.estate import Estate, estate_of
from inventory.discovery.partitions import Comparison, compare_partitions
from inventory.discovery.systems import compare_systems
from inventory.facts.base import FactMissing, Output
from tests.hmc_answers import READ_AT, Cec, Console, Part, reading, uuid

SERIAL = "78A1234"
PAY01 = KnownPartition(1, "lpar", SERIAL, "pay01", uuid(1), f"{SERIAL}1A", lpar_id=26)
WEB01 = KnownPartition(2, "lpar", SERIAL, "web01", uuid(2), f"{SERIAL}1B", lpar_id=27)
VIOS = KnownPartition(1, "vios", SERIAL, "viodev1", uuid(3), f"{SERIAL}3", lpar_id=3)
KNOWN = (PAY01, WEB01, VIOS)
PARTS = (
    Part("viodev1", 3, uuid(3), env="vioserver", os="VIOS 3.1.4.21"),
    Part("pay01", 26, uuid(1)),
    Part("web01", 27, uuid(2)),
)


def estate(*parts: Part, is_old: bool = False, **system: object) -> Estate:
    return estate_of(Console([Cec(partitions=parts, **system)], is_old).facts())  # type: ignore[arg-type]


def compared(*parts: Part, known: tuple[KnownPartition, ...] = KNOWN, is_old: bool = False) -> Comparison:
    return compare_partitions(estate(*parts, is_old=is_old), known)


def told(comparison: Comparison) -> list[tuple[str, str, str]]:
    return [(each.change, each.kind, each.name) for each in comparison.differences]


def weak(known: KnownPartition) -> KnownPartition:
    return replace(known, uuid="")


def the_one(comparison: Comparison) -> Difference:
    (difference,) = comparison.differences
    return difference


def test_what_is_as_known_makes_no_difference() -> None:
    comparison = compared(*PARTS)
    assert told(comparison) == []
    assert {(seen.kind, seen.row) for seen in comparison.sightings} == {("lpar", 1), ("lpar", 2), ("vios", 1)}
    (pay01,) = (seen for seen in comparison.sightings if (seen.kind, seen.row) == ("lpar", 1))
    assert (pay01.found.memory_mb, str(pay01.found.cores)) == (8192, "0.5")


def test_new_and_gone() -> None:
    comparison = compared(PARTS[0], PARTS[1], Part("ora01", 31, uuid(9)))
    assert told(comparison) == [("gone", "lpar", "web01"), ("new", "lpar", "ora01")]
    gone, new = comparison.differences
    assert not gone.is_certain and gone.row == 2 and gone.identity == f"{SERIAL}/{uuid(2)}"
    assert not new.is_certain and new.after["address"] == "10.254.0.20" and new.after["lpar_id"] == 31


def test_a_vios_needs_nobody_and_what_runs_no_aix_is_none_of_ours() -> None:
    comparison = compared(
        *PARTS,
        Part("viodev2", 4, uuid(4), env="vioserver"),
        Part("lin01", 40, uuid(5), os="Linux/SuSE 15"),
        Part("iseries", 41, uuid(6), env="os400"),
        Part("fresh", 42, uuid(7), os="Nieznane", state="Not Activated", address=""),
    )
    assert told(comparison) == [("new", "vios", "viodev2"), ("new", "lpar", "fresh")]
    assert comparison.differences[0].is_certain
    assert "does not know its operating system" in comparison.differences[1].note


def test_a_new_name_is_a_change_by_the_uuid() -> None:
    changed = the_one(compared(PARTS[0], replace(PARTS[1], name="pay 01 old"), PARTS[2]))
    assert (changed.change, changed.row, changed.is_certain) == ("changed", 1, True)
    assert (changed.before, changed.after) == ({"name": "pay01"}, {"name": "pay 01 old"})


def test_names_that_were_swapped_are_two_changes() -> None:
    comparison = compared(PARTS[0], replace(PARTS[1], name="web01"), replace(PARTS[2], name="pay01"))
    assert [(each.row, each.after) for each in comparison.differences] == [
        (1, {"name": "web01"}),
        (2, {"name": "pay01"}),
    ]


def test_another_number_alone_is_no_difference() -> None:
    assert told(compared(PARTS[0], replace(PARTS[1], lpar_id=99), PARTS[2])) == []


@pytest.mark.parametrize(("original", "surrogate"), [(1, 8), (8, 1)])
@pytest.mark.parametrize("is_old", [False, True])
def test_both_halves_of_a_live_update_are_the_lpar(original: int, surrogate: int, is_old: bool) -> None:
    halves = [
        Part("pay01_lku0", 26, uuid(original)),
        Part("pay01", 31, uuid(surrogate), state="Not Activated"),
    ]
    for parts in (halves, halves[::-1]):
        comparison = compared(PARTS[0], *parts, PARTS[2], is_old=is_old)
        assert told(comparison) == []
        (seen,) = (each for each in comparison.sightings if each.is_updating)
        assert (seen.kind, seen.row, comparison.updating) == ("lpar", 1, 1)
        assert seen.surrogate_uuid == ("" if is_old else uuid(8))


def test_a_live_update_of_what_nobody_knows_is_not_told_as_new() -> None:
    comparison = compared(*PARTS, Part("ora01_lku0", 40, uuid(40)), Part("ora01", 41, uuid(41)))
    assert told(comparison) == [] and comparison.updating == 1


def test_an_original_that_was_left_over_is_no_ghost() -> None:
    comparison = compared(PARTS[0], Part("pay01_lku0", 26, uuid(1)), PARTS[2])
    assert told(comparison) == [] and comparison.updating == 1


def test_a_surrogate_that_was_seen_takes_over_by_itself() -> None:
    seen = replace(PAY01, surrogate_uuid=uuid(8))
    changed = the_one(compared(PARTS[0], Part("pay01", 31, uuid(8)), PARTS[2], known=(seen, WEB01, VIOS)))
    assert (changed.before, changed.after, changed.is_certain) == ({"uuid": uuid(1)}, {"uuid": uuid(8)}, True)


def test_the_same_name_under_another_uuid_waits_for_a_person() -> None:
    changed = the_one(compared(PARTS[0], Part("pay01", 31, uuid(8)), PARTS[2]))
    assert (changed.change, changed.row, changed.is_certain) == ("changed", 1, False)
    assert changed.after == {"uuid": uuid(8), "logical_serial": f"{SERIAL}1F"}


def test_a_renamed_lpar_does_not_take_the_name_of_a_live_update_of_another() -> None:
    comparison = compared(
        PARTS[0],
        replace(PARTS[1], name="pay01old"),
        PARTS[2],
        Part("pay01_lku0", 40, uuid(40)),
        Part("pay01", 41, uuid(41)),
    )
    assert the_one(comparison).after == {"name": "pay01old"}


def test_an_old_hmc_knows_an_lpar_by_name_and_number_together() -> None:
    assert told(compared(*PARTS, is_old=True)) == []
    imported = replace(PAY01, logical_serial="")
    assert told(compared(*PARTS, is_old=True, known=(imported, WEB01, VIOS))) == []


@pytest.mark.parametrize(
    ("name", "lpar_id", "after"),
    [("pay01", 30, {"uuid": "", "logical_serial": f"{SERIAL}1E"}), ("pay09", 26, {"name": "pay09"})],
)
def test_on_an_old_hmc_one_of_the_two_alone_waits_for_a_person(
    name: str, lpar_id: int, after: dict[str, str]
) -> None:
    known = (weak(PAY01), weak(WEB01), weak(VIOS))
    parts = (PARTS[0], Part(name, lpar_id), PARTS[2])
    changed = the_one(compared(*parts, known=known, is_old=True))
    assert (changed.row, changed.is_certain) == (1, False)
    assert changed.after == {key: value for key, value in after.items() if key != "uuid"}


def test_on_an_old_hmc_neither_of_the_two_is_new_and_gone() -> None:
    comparison = compared(PARTS[0], Part("ora01", 40), PARTS[2], is_old=True)
    assert told(comparison) == [("gone", "lpar", "pay01"), ("new", "lpar", "ora01")]
    assert "tells no UUID" in comparison.differences[1].note
    assert comparison.differences[1].identity == f"{SERIAL}/{SERIAL}28/ora01"


def test_a_uuid_is_learned_from_an_hmc_that_has_it() -> None:
    learned = the_one(compared(*PARTS, known=(weak(PAY01), WEB01, VIOS)))
    assert (learned.after, learned.is_certain) == ({"uuid": uuid(1)}, True)


def test_identities_without_uuid_never_collide() -> None:
    known = (weak(PAY01),)
    comparison = compared(Part("pay01", 27), Part("other", 26), known=known, is_old=True)
    assert len({each.identity for each in comparison.differences}) == 2


def test_what_is_retired_comes_back_by_its_uuid_and_is_never_gone_again() -> None:
    retired = replace(PAY01, is_retired=True)
    back = the_one(compared(*PARTS, known=(retired, WEB01, VIOS)))
    assert (back.after, back.is_certain) == ({"retired": "no"}, True)
    assert told(compared(PARTS[0], PARTS[2], known=(retired, WEB01, VIOS))) == []


def test_without_uuid_only_a_person_brings_back_what_is_retired() -> None:
    retired = replace(weak(PAY01), is_retired=True)
    back = the_one(compared(*PARTS, known=(retired, WEB01, VIOS), is_old=True))
    assert (back.after, back.is_certain) == ({"retired": "no"}, False)


OTHER = Cec("78B0001", "other", partitions=(Part("viodev9", 3, uuid(90), env="vioserver"),))


def test_an_lpar_that_was_migrated_is_changed_not_new_and_gone() -> None:
    here = Cec(partitions=(PARTS[0], PARTS[2]))
    there = replace(OTHER, partitions=(*OTHER.partitions, replace(PARTS[1], lpar_id=5)))
    comparison = compare_partitions(estate_of(Console([here, there]).facts()), KNOWN)
    (moved,) = (each for each in comparison.differences if each.kind == "lpar")
    assert (moved.row, moved.after, moved.is_certain) == (1, {"managed_system": "78B0001"}, False)


def test_while_an_lpar_migrates_it_is_where_it_was() -> None:
    there = replace(OTHER, partitions=(*OTHER.partitions, replace(PARTS[1], state="Migrating - Running")))
    for here in (Cec(partitions=PARTS), Cec(partitions=(PARTS[0], PARTS[2]))):
        comparison = compare_partitions(estate_of(Console([here, there]).facts()), KNOWN)
        assert [each.kind for each in comparison.differences] == ["vios"]


LAST = "web01,27,aixlinux,Running,active,10.254.0.20,AIX,78A12341B,normal,normal,1"


@pytest.mark.parametrize(
    ("system", "why"),
    [
        ({"listed": Output(f"{LAST[:40]}")}, "could not be read"),
        ({"listed": Output(f"{LAST},{uuid(2)}")}, "ends within a line"),
        ({"listed": Output(f"{LAST},{uuid(2)}\n", status=None)}, "could not be read"),
        ({"listed": Output(f"{LAST},{uuid(2)}\n")}, "lacks number 3"),
        ({"listed": Output("Aucun résultat.\n")}, "could not be read"),
        ({"listed": Output("No results were found.\n")}, "lists no partition"),
        ({"listed": Output("HSCL350B The user does not have the appropriate authority.\n")}, "HSCL350B"),
        ({"state": "No Connection"}, "No Connection"),
        ({"state": "Incomplete"}, "Incomplete"),
        ({"state": "En service"}, "En service"),
    ],
)
def test_a_list_that_may_not_be_whole_makes_nothing_gone(system: dict[str, object], why: str) -> None:
    found = estate(*PARTS, **system)
    assert why in found.systems[0].problem
    extra = KnownPartition(9, "lpar", SERIAL, "db09", uuid(99), lpar_id=99)
    comparison = compare_partitions(found, (*KNOWN, extra))
    assert "gone" not in {each.change for each in comparison.differences}


def test_a_list_without_a_second_one_makes_nothing_gone() -> None:
    facts = Console([Cec(partitions=PARTS[:2])]).facts()
    facts.add(reading("partitions_memory", Cec().name, Output("HSCL1234 busy\n", status=1)))
    found = estate_of(facts)
    assert "compared with a second one" in found.systems[0].problem
    assert told(compare_partitions(found, KNOWN)) == []


def test_what_another_hmc_saw_later_is_not_gone() -> None:
    seen = replace(WEB01, seen_at=READ_AT + timedelta(seconds=1))
    assert told(compared(*PARTS[:2], known=(PAY01, seen, VIOS))) == []
    seen = replace(WEB01, seen_at=READ_AT - timedelta(seconds=1))
    assert told(compared(*PARTS[:2], known=(PAY01, seen, VIOS))) == [("gone", "lpar", "web01")]


def test_what_an_hmc_user_may_not_see_is_not_gone_without_a_word() -> None:
    facts = Console([Cec(partitions=PARTS[:2])]).facts()
    for role, word in (("payroll", "its resource role payroll"), ("ALL:", "not this one.")):
        facts.add(reading("hmc_users", "", Output(f"name=viewer,taskrole=hmcviewer,resourcerole={role}\n")))
        gone = the_one(compare_partitions(estate_of(facts, "viewer"), KNOWN))
        assert word in gone.note and ("sees only" in gone.note) == (role != "ALL:")


def test_a_system_out_of_reach_costs_only_itself() -> None:
    away = Cec("78B0001", "away", state="No Connection", listed=Output("HSCL0237 not allowed\n", status=1))
    found = estate_of(Console([away, Cec(partitions=PARTS)]).facts())
    lost = KnownPartition(7, "lpar", "78B0001", "ora01", uuid(70))
    comparison = compare_partitions(found, (*KNOWN, lost))
    assert told(comparison) == [] and len(comparison.sightings) == 3
    assert [bool(each.problem) for each in found.systems] == [True, False]


def test_systems_are_known_by_their_serial_numbers() -> None:
    known = [
        KnownSystem(1, SERIAL, "old name", "9080-M9S", frozenset({"hmc02"})),
        KnownSystem(2, "78C0002", "left", "9080-M9S", frozenset({"hmc01", "hmc02"})),
        KnownSystem(3, "78D0003", "never ours", "9080-M9S", frozenset({"hmc02"})),
    ]
    found = estate_of(Console([Cec(partitions=PARTS), OTHER]).facts())
    changed, new, left = compare_systems(found, known, "hmc01")
    assert (changed.row, changed.after) == (1, {"name": "9080-M9S-78A1234", "hmcs": "hmc01 hmc02"})
    assert (new.change, new.identity, new.is_certain) == ("new", "78B0001", True)
    assert (left.change, left.row, left.is_certain) == ("gone", 2, False)
    assert "hmc02 still may" in left.note


@pytest.mark.parametrize(
    "systems",
    [
        [Cec(partitions=PARTS), Cec("unavailable", "10.0.0.7", "Pending Authentication", "unavailable")],
        [Cec(partitions=PARTS), replace(OTHER, serial=SERIAL), replace(OTHER, name="twin")],
    ],
)
def test_a_list_of_systems_with_one_unknown_lets_none_be_gone(systems: list[Cec]) -> None:
    left = KnownSystem(2, "78C0002", "left", "", frozenset({"hmc01"}))
    found = estate_of(Console(systems).facts())
    assert found.problems and "gone" not in {each.change for each in compare_systems(found, [left], "hmc01")}


def test_no_answer_about_systems_is_no_estate() -> None:
    facts = Console([Cec()]).facts()
    facts.add(reading("systems", "", Output("Brak połączenia\n", status=1)))
    with pytest.raises(FactMissing):
        estate_of(facts)


def test_two_thousand_lpars_are_compared_in_one_pass(capsys: pytest.CaptureFixture[str]) -> None:
    systems, known = [], []
    for cec in range(20):
        parts = [Part("vios1", 1, uuid(cec * 1000 + 1), env="vioserver")]
        parts += [Part(f"lpar{cec:02}{i:03}", i, uuid(cec * 1000 + i)) for i in range(2, 102)]
        systems.append(Cec(f"78A{cec:04}", f"cec{cec}", partitions=tuple(parts)))
        known += [
            KnownPartition(cec * 1000 + p.lpar_id, "lpar", f"78A{cec:04}", p.name, p.uuid) for p in parts[50:]
        ]
    facts = Console(systems).facts()
    started = time.perf_counter()
    comparison = compare_partitions(estate_of(facts), known)
    spent = time.perf_counter() - started
    with capsys.disabled():
        print(f"\n2,000 LPARs understood and compared in {spent:.2f} s, {1e6 * spent / 2000:.0f} µs each")
    assert len(comparison.sightings) == len(known) == 20 * 51
    assert sum(each.change == "new" for each in comparison.differences) == 20 * 50
    assert spent < 5
