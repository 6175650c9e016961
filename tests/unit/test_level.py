"""Levels and fileset versions compare by their numbers, in all their parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.facts.level import Level, vrmf

LEVELS = st.builds(Level, *(st.integers(0, top) for top in (9999, 99, 99, 9999)))


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("7200-05-03-2148", "7200-05-04-2220"),
        ("7200-05-09-2446", "7200-05-10-2520"),
        ("7200-05-11-2546", "7300-00-01-2148"),
        ("7200-02-02-1810", "7200-02-02-1832"),
        ("7200-01-00-0000", "7200-01-01-1642"),
        ("7200-05", "7200-05-00-2037"),
        ("7200-05-03", "7200-05-03-2148"),
    ],
)
def test_order(lower: str, higher: str) -> None:
    assert Level.parse(lower) < Level.parse(higher)
    assert Level.parse(lower) != Level.parse(higher)


def test_equal_levels_are_equal() -> None:
    assert Level.parse("7200-05-03-2148") == Level.parse(" 7200-05-03-2148\n")


def test_releases_are_kept_apart() -> None:
    old, new = Level.parse("7200-05-11-2546"), Level.parse("7300-00-01-2148")
    assert not old.same_release(new)
    assert old.same_release(Level.parse("7200-00"))


@pytest.mark.parametrize(
    ("asked", "matches"),
    [
        ("7200-05-03-2148", True),
        ("7200-05-03", True),
        ("7200-05", True),
        ("7200-05-03-2149", False),
        ("7200-05-04", False),
        ("7200-04", False),
        ("7300-05", False),
    ],
)
def test_parts_that_are_not_named_match_anything(asked: str, matches: bool) -> None:
    assert Level.parse("7200-05-03-2148").matches(Level.parse(asked)) is matches


@pytest.mark.parametrize(
    "text", ["7200-5-3", "7200", "7200-05-03-21488", "7200-05-03-2148 x", "", "7.2.0.0", "\u0667200-05"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an AIX level"):
        Level.parse(text)


@given(LEVELS)
def test_text_reads_back(level: Level) -> None:
    assert Level.parse(level.text) == level
    assert str(level) == level.text
    assert level.is_complete


@given(st.integers(0, 9999), st.integers(0, 99))
def test_open_parts_stay_open(version: int, tl: int) -> None:
    level = Level(version, tl)
    assert Level.parse(level.text) == level
    assert not level.is_complete


@pytest.mark.parametrize(("lower", "higher"), [("7.2.5.11", "7.2.5.106"), ("3.0.8.999", "3.0.8.1000")])
def test_fileset_versions_compare_by_number(lower: str, higher: str) -> None:
    assert vrmf(lower) < vrmf(higher)


@pytest.mark.parametrize("text", ["1.14.6-2waixX11", "7.2.5", "7.2.5.1.1", "", "7.2.5.1\n"])
def test_other_versions_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a fileset version"):
        vrmf(text)
