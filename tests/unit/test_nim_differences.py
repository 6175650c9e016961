"""New, changed and gone among the objects of a NIM master."""

from dataclasses import replace

import pytest

from inventory.discovery.nim_differences import KnownObject, compare_objects, contents_of
from inventory.discovery.nim_estate import NimEstate, nim_estate_of
from tests.nim_answers import ANSWERS, LIST, MACHINES, answers


def known(estate: NimEstate) -> list[KnownObject]:
    """The inventory after this estate was kept."""
    return [
        KnownObject(
            row=number,
            name=entry.name,
            cls=entry.cls,
            type=entry.type,
            attributes={key: list(values) for key, values in estate.objects[entry.name].attributes.items()},
            contents=contents_of(estate, entry.name),
        )
        for number, entry in enumerate(estate.listed, 1)
    ]


BEFORE = known(nim_estate_of(answers()))


def differences(**changes: str) -> list[tuple[str, str, dict[str, str]]]:
    estate = nim_estate_of(answers({name.replace("__", " "): text for name, text in changes.items()}))
    return [(each.change, each.name, each.after) for each in compare_objects("nim01", estate, BEFORE)]


def test_the_same_again_is_no_difference() -> None:
    assert differences() == []


def test_everything_is_new_at_first_and_certain() -> None:
    found = compare_objects("nim01", nim_estate_of(answers()), [])
    assert {each.change for each in found} == {"new"} and all(each.is_certain for each in found)
    assert found[1].identity == "nim01/machines/pay01"


@pytest.mark.parametrize(
    ("old", "new", "after"),
    [
        ("hmc01 26", "hmc01 31", {"mgmt_profile1": "hmc01 31 9080-M9S_78A1234"}),
        ("connect       = nimsh", "connect       = nimsh (secure)", {"connect": "nimsh (secure)"}),
        ("   cpuid         = 00FA343B4C00\n", "", {"cpuid": ""}),
    ],
)
def test_a_lasting_attribute_is_told(old: str, new: str, after: dict[str, str]) -> None:
    machines = MACHINES.replace(old, new)
    assert differences(nim_objects_of_class__machines=machines) == [("changed", "pay01", after)]


def test_states_come_and_go() -> None:
    assert (
        differences(nim_objects_of_class__machines=MACHINES.replace("currently running", "not running")) == []
    )


def test_other_contents_are_told_but_unknown_ones_are_not() -> None:
    name = "nim_digests /export/aix73"
    estate = nim_estate_of(answers({name: ANSWERS[name].replace("a" * 64, "d" * 64)}))
    (found,) = compare_objects("nim01", estate, BEFORE)
    assert (found.change, found.name, set(found.after)) == ("changed", "aix73", {"contents_digest"})
    assert compare_objects("nim01", nim_estate_of(answers({name: None})), BEFORE) == []
    data = nim_estate_of(answers({"nim_live_update_data /export/lud": "disks:\n"}))
    assert [each.name for each in compare_objects("nim01", data, BEFORE)] == ["lud_pay01"]


def test_what_is_gone_waits_for_a_person() -> None:
    lines = LIST.replace("fixes                resources        lpp_source\n", "")
    text = ANSWERS["nim_objects_of_class resources"]
    start, end = text.index("fixes:"), text.index("lud_pay01:")
    changes = {"nim_list": lines, "nim_objects_of_class resources": text[:start] + text[end:]}
    (found,) = compare_objects("nim01", nim_estate_of(answers(changes)), BEFORE)
    assert (found.change, found.name, found.is_certain) == ("gone", "fixes", False)
    retired = [replace(each, is_retired=each.name == "fixes") for each in BEFORE]
    assert compare_objects("nim01", nim_estate_of(answers(changes)), retired) == []
    back = compare_objects("nim01", nim_estate_of(answers()), retired)
    assert [(each.name, each.after) for each in back] == [("fixes", {"retired": ""})]


def test_a_list_that_is_not_whole_calls_nothing_gone() -> None:
    estate = nim_estate_of(answers({"nim_list": LIST.split("fixes")[0]}))
    assert compare_objects("nim01", estate, BEFORE) == []


def test_attributes_that_were_not_read_are_no_change() -> None:
    estate = nim_estate_of(answers({"nim_objects_of_class machines": None}))
    assert compare_objects("nim01", estate, BEFORE) == []
