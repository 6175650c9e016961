"""What counts as a difference between two answers: values where they are understood, else lines."""

import pytest

from inventory.facts.base import Output
from inventory.facts.catalogue import fact_named
from inventory.facts.difference import Difference, differences
from tests.estate import FACTS


def between(fact: str, before: str | Output, after: str | Output) -> list[Difference]:
    return list(
        differences(fact_named(fact), *(x if isinstance(x, Output) else Output(x) for x in (before, after)))
    )


def changed(fact: str, key: str, *replacements: tuple[str, str]) -> list[Difference]:
    before = FACTS[f"{fact}:{key}" if key else fact]
    assert isinstance(before, str)
    after = before
    for old, new in replacements:
        assert old in after
        after = after.replace(old, new)
    return between(fact, before, after)


def test_the_same_value_in_another_form_is_no_difference() -> None:
    assert changed("lspv", "", ("hdisk0          00", "hdisk0   00"), ("active\n", "active   \n")) == []


@pytest.mark.parametrize(
    ("fact", "key", "replacement", "said"),
    [
        ("oslevel", "", ("7200-05-03-2148", "7200-05-04-2220"), ("7200-05-03-2148", "7200-05-04-2220")),
        ("disk_size", "hdisk0", ("61440", "65536"), ("61440", "65536")),
    ],
)
def test_a_plain_value_says_what_it_was_and_is(
    fact: str, key: str, replacement: tuple[str, str], said: tuple[str, str]
) -> None:
    found = changed(fact, key, replacement)
    assert said in [(each.before, each.after) for each in found]


def test_a_row_is_named_by_what_it_is_about() -> None:
    found = changed(
        "lspv", "", ("hdisk2          00fa343b8f01b1e2                    None", "hdisk2 none appvg")
    )
    assert found == [
        Difference("hdisk2.pvid", "00fa343b8f01b1e2", ""),
        Difference("hdisk2.volume_group", "", "appvg"),
    ]
    gone = changed("lspv", "", ("hdisk10         00c2fcc8dfe7288e                    None\n", ""))
    assert {each.what.split(".")[0] for each in gone} == {"hdisk10"}
    assert {each.after for each in gone} == {None}


def test_order_is_no_difference_where_rows_have_names() -> None:
    before = FACTS["lspv"]
    assert isinstance(before, str)
    assert between("lspv", before, "".join(reversed(before.splitlines(keepends=True)))) == []


def test_what_passes_by_itself_is_no_drift() -> None:
    assert between("date", "Wed Nov 25 16:00:00 CET 2026\n", "Wed Nov 25 17:00:00 CET 2026\n") == []
    paging = "Total Paging Space   Percent Used\n      512MB              {}%\n"
    assert between("paging", paging.format(26), paging.format(31)) == []
    lssrc = "Subsystem  Group  PID      Status\n ctrmc     rsct   {}  active\n"
    assert between("lssrc", lssrc.format("9306536"), lssrc.format("9306599")) == []


def test_lines_are_compared_where_an_answer_is_not_understood() -> None:
    found = between("oslevel", "7200-05-03-2148\n", Output("Speicherzugriffsfehler\n", "", 139))
    assert found == [
        Difference("exit status", "0", "139"),
        Difference("line", "7200-05-03-2148", None),
        Difference("line", None, "Speicherzugriffsfehler"),
    ]


@pytest.mark.parametrize("name", sorted(name for name, said in FACTS.items() if isinstance(said, str)))
def test_an_answer_never_differs_from_itself(name: str) -> None:
    said = FACTS[name]
    assert between(name.partition(":")[0], said, said) == []
