"""The choice of nhdisk and mhdisk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.facts.base import FactMissing
from liveupdate.lpar.disks import HELD, LEFTOVER, NoDisks, choose, choose_clone
from tests.estate import subject


def lspv(*rows: tuple[str, str]) -> str:
    return "".join(f"{name:<16}00fa343b8f050a76{' ' * 20}{rest}\n" for name, rest in rows)


def with_disks(rows: list[tuple[str, str, int]], clone: str = "", **options: bool):
    sizes = {f"disk_size:{name}": f"{size}\n" for name, _, size in rows}
    changes = {"lspv": lspv(*((name, rest) for name, rest, _ in rows)), **sizes}
    return choose(subject(changes, rollback_clone_disk=clone), **options)


ROOT = ("hdisk0", "rootvg          active", 61440)


@pytest.mark.parametrize(
    ("rows", "nhdisk", "mhdisk", "larger"),
    [
        ([ROOT, ("hdisk10", "None", 61440), ("hdisk2", "None", 61440)], ("hdisk2",), ("hdisk10",), ()),
        (
            [ROOT, ("hdisk1", "None", 102400), ("hdisk2", "None", 61440), ("hdisk3", "None", 61440)],
            ("hdisk2",),
            ("hdisk3",),
            (),
        ),
        (
            [ROOT, ("hdisk1", "None", 102400), ("hdisk2", "None", 61440)],
            ("hdisk2",),
            ("hdisk1",),
            ("hdisk1",),
        ),
        (
            [
                ROOT,
                ("hdisk1", "rootvg          active", 71680),
                *((f"hdisk{n}", "None", 71680) for n in (9, 8, 7, 6)),
            ],
            ("hdisk6", "hdisk7"),
            ("hdisk8", "hdisk9"),
            (),
        ),
    ],
    ids=["by number", "fitting before larger", "larger if need be", "mirrored rootvg"],
)
def test_choice(rows, nhdisk, mhdisk, larger) -> None:
    choice = with_disks(rows)
    assert (choice.nhdisk, choice.mhdisk, choice.larger) == (nhdisk, mhdisk, larger)


@pytest.mark.parametrize(
    ("rest", "size", "reason"),
    [
        ("datavg          active", 61440, "hdisk2 belongs to datavg."),
        ("sharedvg", 61440, "hdisk2 belongs to sharedvg."),
        ("None            locked", 61440, "hdisk2 is locked."),
        ("None", 61439, "hdisk2 has 61439 MB and rootvg needs 61440 MB."),
        *((name, 61440, f"hdisk2 holds {name}, {what}.") for name, what in HELD.items()),
    ],
)
def test_a_disk_that_is_not_free_is_named_with_its_reason(rest: str, size: int, reason: str) -> None:
    with pytest.raises(NoDisks) as lacking:
        with_disks([ROOT, ("hdisk1", "None", 61440), ("hdisk2", rest, size)])
    assert lacking.value.reasons == ("hdisk0 belongs to rootvg.", reason)
    assert "1 found" in lacking.value.message


def test_the_designated_clone_is_never_chosen_even_when_it_looks_free() -> None:
    rows = [ROOT, ("hdisk1", "None", 61440), ("hdisk2", "None", 61440)]
    with pytest.raises(NoDisks) as lacking:
        with_disks(rows, clone="hdisk2")
    assert "hdisk2 is the designated rollback clone." in lacking.value.reasons


def test_what_an_earlier_run_left_counts_only_on_demand_and_last() -> None:
    rows = [ROOT, ("hdisk1", "lvup_rootvg", 61440), ("hdisk2", "None", 61440)]
    with pytest.raises(NoDisks):
        with_disks(rows)
    choice = with_disks(rows, reclaim=True)
    assert (choice.nhdisk, choice.mhdisk, choice.reclaimed) == (("hdisk2",), ("hdisk1",), ("hdisk1",))


@pytest.mark.parametrize(
    ("rest", "clone"),
    [("lvup_rootvg     active", ""), ("lvup_rootvg", "hdisk1"), ("altinst_rootvg", ""), ("old_rootvg", "")],
)
def test_nothing_else_is_reclaimed(rest: str, clone: str) -> None:
    with pytest.raises(NoDisks):
        with_disks([ROOT, ("hdisk1", rest, 61440), ("hdisk2", "None", 61440)], clone=clone, reclaim=True)


def test_an_unread_size_is_unknown_and_not_a_lack_of_disks() -> None:
    changes = {"lspv": lspv(*((n, r) for n, r, _ in [ROOT, ("hdisk2", "None", 0), ("hdisk10", "None", 0)]))}
    with pytest.raises(FactMissing):
        choose(subject({**changes, "disk_size:hdisk10": None}))


def test_an_unread_size_does_not_matter_when_there_are_enough() -> None:
    rows = lspv(*((n, r) for n, r in [ROOT[:2], *((f"hdisk{i}", "None") for i in (2, 10, 20))]))
    assert choose(subject({"lspv": rows})).mhdisk == ("hdisk10",)


def test_without_a_rootvg_there_is_no_choice() -> None:
    with pytest.raises(NoDisks, match="no disk in rootvg"):
        choose(subject({"lspv": lspv(("hdisk0", "None"))}))


GROUPS = st.sampled_from(["None", "None", "datavg", "rootvg          active", *HELD, f"{LEFTOVER} active"])
DISKS = st.lists(
    st.tuples(st.integers(0, 30), GROUPS, st.sampled_from([51200, 61440, 102400])),
    unique_by=lambda row: row[0],
    min_size=1,
    max_size=9,
)


@given(disks=DISKS, clone=st.integers(0, 30), reclaim=st.booleans())
def test_whatever_is_chosen_is_free_large_enough_and_used_once(disks, clone, reclaim) -> None:
    rows = [(f"hdisk{number}", rest, size) for number, rest, size in disks]
    try:
        choice = with_disks(rows, clone=f"hdisk{clone}", reclaim=reclaim)
    except NoDisks:
        return
    sizes = {name: size for name, _, size in rows}
    group = {name: rest for name, rest, _ in rows}
    chosen = (*choice.nhdisk, *choice.mhdisk)
    assert len(set(chosen)) == len(chosen) == 2 * len(choice.rootvg)
    assert len(choice.nhdisk) == len(choice.rootvg)
    assert f"hdisk{clone}" not in chosen
    assert all(group[name] == "None" or (reclaim and group[name] == LEFTOVER) for name in chosen)
    for role in (choice.nhdisk, choice.mhdisk):
        assert all(sizes[name] >= sizes[disk] for name, disk in zip(role, choice.rootvg, strict=True))
    assert with_disks(rows[::-1], clone=f"hdisk{clone}", reclaim=reclaim).nhdisk == choice.nhdisk


def test_disks_without_the_record_of_a_former_group_come_first() -> None:
    rows = [ROOT, *((f"hdisk{n}", "None", 61440) for n in (1, 2, 3))]
    changes = {"lspv": lspv(*((n, r) for n, r, _ in rows)), "disk_signature:hdisk1": "0\n"}
    sizes = {f"disk_size:{name}": "61440\n" for name, _, _ in rows}
    choice = choose(subject({**changes, **sizes}, rollback_clone_disk=""))
    assert (choice.nhdisk, choice.mhdisk) == (("hdisk2",), ("hdisk3",))
    held = subject({**changes, **sizes}, rollback_clone_disk="", held_disks={"hdisk2": "hdisk2 is held."})
    assert choose(held).mhdisk == ("hdisk1",)


def test_each_spare_fits_its_own_disk_of_rootvg() -> None:
    rows = [ROOT, ("hdisk1", "rootvg          active", 102400)]
    rows += [(f"hdisk{n}", "None", size) for n, size in ((5, 102400), (6, 61440), (7, 102400), (8, 61440))]
    choice = with_disks(rows)
    assert (choice.nhdisk, choice.mhdisk) == (("hdisk6", "hdisk5"), ("hdisk8", "hdisk7"))


def test_sizes_decide_alone_where_preference_would_leave_a_disk_without_a_spare() -> None:
    rows = [ROOT, ("hdisk1", "rootvg          active", 102400)]
    rows += [("hdisk5", "None", 102400), ("hdisk6", "lvup_rootvg", 61440)]
    rows += [("hdisk7", "None", 102400), ("hdisk8", "lvup_rootvg", 61440)]
    choice = with_disks(rows, reclaim=True)
    assert set(choice.reclaimed) == {"hdisk6", "hdisk8"}


def test_a_clone_takes_what_the_update_leaves() -> None:
    rows = [ROOT, *((f"hdisk{n}", "None", 61440) for n in (1, 2, 3))]
    changes = {"lspv": lspv(*((n, r) for n, r, _ in rows))} | {
        f"disk_size:{n}": "61440\n" for n, _, _ in rows
    }
    here = subject(changes, rollback_clone_disk="")
    assert choose_clone(here, ("hdisk1", "hdisk2")) == ("hdisk3",)
    assert choose_clone(here, ("hdisk1", "hdisk2", "hdisk3")) == ()
    assert choose_clone(subject(changes, rollback_clone_disk="hdisk2")) == ("hdisk2",)
