"""Differences between plans leave nothing out; plans are alike only if a renaming makes them equal."""

import functools
import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveupdate.control.difference import Kind, compare
from liveupdate.control.likeness import likeness_of, neutral, own_values
from portal.lib.canonical import canonical_json, digest

PLANS = Path(__file__).parents[1] / "data" / "plans"
READY = json.loads((PLANS / "local_live_update" / "ready.json").read_text(encoding="utf-8"))
EVERYTHING = json.loads((PLANS / "local_live_update" / "everything.json").read_text(encoding="utf-8"))
NIM = json.loads((PLANS / "nim_live_update" / "prepared.json").read_text(encoding="utf-8"))


def text(document: Any) -> str:
    return canonical_json(document).decode()


def elsewhere(document: dict[str, Any], **names: str) -> dict[str, Any]:
    """The same plan for another LPAR, as the catalogue would render it there."""
    changed = text(document)
    for old, new in {
        "pay01": "web07", "10.254.0.20": "10.254.0.77", "10\\\\.254\\\\.0\\\\.20": "10\\\\.254\\\\.0\\\\.77",
        "1A40C5B2-7E0E-4D52-9F7F-20C5B0F4001A": "2B40C5B2-7E0E-4D52-9F7F-20C5B0F4001B",
        "SHA256:" + "A" * 43: "SHA256:" + "Q" * 43, "hdisk2": "hdisk77", "hdisk11": "hdisk4",
        "00fa343b8f01b1e2": "00fa343b8f01ffff", "00c2fcc8dfe729fd": "00c2fcc8dfe70000", **names,
    }.items():  # fmt: skip
        changed = changed.replace(old, new)
    plan: dict[str, Any] = json.loads(changed)
    for step in plan["steps"]:
        if step["action"]["do"] == "write_file" and "lvupdate_data" in plan["parameters"]:
            content = step["action"]["content"].encode()
            plan["parameters"]["lvupdate_data"] |= {"bytes": len(content), "digest": digest(content)}
    return plan


def places(held: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a plan holds a value."""
    inner = held.items() if isinstance(held, dict) else enumerate(held) if isinstance(held, list) else ()
    for key, part in inner:
        yield from places(part, (*path, key))
    if not isinstance(held, dict | list):
        yield path


def altered(document: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    changed = deepcopy(document)
    part = changed
    for key in path[:-1]:
        part = part[key]
    old = part[path[-1]]
    part[path[-1]] = (not old) if isinstance(old, bool) else old + 1 if isinstance(old, int) else f"{old}x"
    return changed


ALTERABLE = [p for p in places(EVERYTHING) if p[-1] not in ("id", "do")]


def test_a_plan_does_not_differ_from_itself() -> None:
    for plan in (READY, EVERYTHING, NIM):
        assert compare(plan, deepcopy(plan)).none
        assert compare(plan, plan).words == "no difference"


@given(st.sampled_from(ALTERABLE))
def test_no_altered_value_stays_unseen(path: tuple[Any, ...]) -> None:
    changed = altered(EVERYTHING, path)
    difference = compare(EVERYTHING, changed)
    assert not difference.none, path
    said = [*difference.facts, *(change for step in difference.steps for change in step.changes)]
    assert said or difference.steps[0].was or difference.steps[0].file, path


def test_steps_are_added_removed_changed_and_moved() -> None:
    plan = deepcopy(READY)
    steps = plan["steps"]
    removed = steps.pop(3)
    steps.insert(0, {**deepcopy(steps[0]), "id": "new", "title": "A new step"})
    update = next(step for step in steps if step["id"] == "update")
    update["action"]["argv"].append("-X")
    update["expect"]["lacks"].append("0503-999")
    file = next(step for step in steps if step["id"] == "lvupdate_data")
    file["action"]["content"] = file["action"]["content"].replace("hdisk10", "hdisk12")
    plan["parameters"]["mhdisk"] = ["hdisk12"]
    difference = compare(READY, plan)
    by_kind = {kind: [step for step in difference.steps if step.kind is kind] for kind in Kind}
    assert [step.title for step in by_kind[Kind.ADDED]] == ["A new step"]
    assert [step.title for step in by_kind[Kind.REMOVED]] == [removed["title"]]
    first, second = by_kind[Kind.CHANGED]
    assert (first.title, first.was) == (file["title"], "")
    assert "-\tmhdisk  = hdisk10" in first.file
    assert second.command == f"{second.was} -X"
    assert [(change.label, change.old, change.new) for change in second.changes] == [
        ("Must not print", "", "0503-999")
    ]
    assert [(fact.label, fact.old, fact.new) for fact in difference.facts] == [
        ("mhdisk", "hdisk10", "hdisk12")
    ]
    assert difference.words == "1 step added, 1 step removed, 2 steps changed, 1 fact different"

    turned = deepcopy(READY)
    turned["steps"][0], turned["steps"][1] = turned["steps"][1], turned["steps"][0]
    assert [step.kind for step in compare(READY, turned).steps] == [Kind.MOVED]


@pytest.mark.parametrize("plan", [READY, EVERYTHING, NIM], ids=["ready", "everything", "nim"])
def test_another_target_of_the_same_plan_is_alike(plan: dict[str, Any]) -> None:
    other = elsewhere(plan)
    assert text(other) != text(plan)
    assert compare(neutral(plan), neutral(other)).none
    assert likeness_of(text(other)) == likeness_of(text(plan))


@pytest.mark.parametrize("case", ["prepared", "identity_refreshed"])
def test_a_partition_id_is_the_targets_own_only_where_it_is_meant(case: str) -> None:
    plan = json.loads((PLANS / "nim_live_update" / f"{case}.json").read_text(encoding="utf-8"))
    assert own_values(plan)["partition id"] == "26"
    places = ('"identity=26"', "partition 26 of", '"nim_partition":"26"', "\\\\s+26\\\\s+")
    said = text(plan)
    other = json.loads(functools.reduce(lambda so, at: so.replace(at, at.replace("26", "77")), places, said))
    assert other != plan
    assert likeness_of(text(elsewhere(other))) == likeness_of(said)
    for step in other["steps"]:
        step["why"] += " 26"
    for step in plan["steps"]:
        step["why"] += " 77"
    assert likeness_of(text(other)) != likeness_of(text(plan))


def test_the_neutral_plan_names_no_target() -> None:
    said = text(neutral(READY))
    for word in ("pay01", "10.254.0.20", "hdisk0", "hdisk2", "00fa343b8f01b1e2", "78A1234", "A" * 43):
        assert word not in said, word
    assert "hmc01" in said


@given(st.sampled_from([p for p in ALTERABLE if p[0] not in ("lpar", "hosts") and "pvids" not in p]))
@pytest.mark.deep
def test_an_altered_plan_is_not_alike(path: tuple[Any, ...]) -> None:
    assert likeness_of(text(altered(EVERYTHING, path))) != likeness_of(text(EVERYTHING)), path


@pytest.mark.parametrize(
    ("role", "name", "alike"),
    [
        ("lpar", "address", True), ("lpar", "host_key", True), ("lpar", "port", True),
        ("lpar", "account", False), ("lpar", "credential", False),
        ("hmc", "address", False), ("hmc", "host_key", False), ("hmc", "account", False),
    ],
)  # fmt: skip
def test_only_the_targets_own_address_is_identity(role: str, name: str, alike: bool) -> None:
    other = altered(READY, ("hosts", role, name))
    assert (likeness_of(text(other)) == likeness_of(text(READY))) is alike


def test_two_disks_that_change_places_in_one_step_are_another_plan() -> None:
    other = deepcopy(READY)
    step = next(step for step in other["steps"] if step["id"] == "spare_disks_free")
    step["expect"]["has"] = [
        pattern.replace("hdisk2", "X").replace("hdisk10", "hdisk2").replace("X", "hdisk10")
        for pattern in step["expect"]["has"]
    ]
    assert likeness_of(text(other)) != likeness_of(text(READY))


def test_a_plan_that_holds_placeholders_is_like_no_other() -> None:
    other = altered(READY, ("steps", 0, "why"))
    other["steps"][0]["why"] = "of ⟦LPAR⟧"
    assert likeness_of(text(other)) == digest(text(other).encode())
