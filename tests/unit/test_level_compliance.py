"""Levels against baselines, with the traps of level strings."""

from datetime import date

import pytest

from inventory.compliance.levels import Compliance, Minimum, judge_level
from inventory.facts.level import Level

TODAY = date(2026, 11, 25)


def minimum(level: str, due: date = TODAY, name: str = "production") -> Minimum:
    return Minimum(name, Level.parse(level), due)


@pytest.mark.parametrize(
    ("level", "asked", "compliance"),
    [
        ("7200-05-03-2148", "7200-05-04-2220", Compliance.BEHIND),
        ("7200-05-09-2446", "7200-05-10-2520", Compliance.BEHIND),
        ("7200-05-10-2520", "7200-05-09-2446", Compliance.COMPLIANT),
        ("7200-02-02-1810", "7200-02-02-1832", Compliance.BEHIND),
        ("7200-02-02-1832", "7200-02-02-1832", Compliance.COMPLIANT),
        ("7200-01-00-0000", "7200-01-01-1642", Compliance.BEHIND),
        ("7200-05-00-2037", "7200-05", Compliance.COMPLIANT),
        ("7200-05-03-2148", "7200-05-03", Compliance.COMPLIANT),
        ("7300-00-01-2148", "7200-05-11-2546", Compliance.COMPLIANT),
        ("7200-05-11-2546", "7300-00-01-2148", Compliance.BEHIND),
        ("", "7200-05", Compliance.UNKNOWN),
        ("7200-5-3", "7200-05", Compliance.UNKNOWN),
    ],
)
def test_levels(level: str, asked: str, compliance: Compliance) -> None:
    assert judge_level(level, [minimum(asked)], today=TODAY).compliance is compliance


def test_the_day_after_the_due_date_is_late() -> None:
    asked = minimum("7200-05-04", date(2026, 11, 24))
    standing = judge_level("7200-05-03-2148", [asked], today=TODAY)
    assert standing.compliance is Compliance.OVERDUE
    assert "7200-05-03-2148 is below 7200-05-04 (production), which was due on 2026-11-24." in standing.reason


def test_another_release_needs_a_migration() -> None:
    standing = judge_level("7200-05-11-2546", [minimum("7300-00-01-2148")], today=TODAY)
    assert "migration, which Live Update cannot do" in standing.reason


def test_stale_facts_are_unknown_also_when_the_level_would_do() -> None:
    standing = judge_level("7200-05-04-2220", [minimum("7200-05")], stale="Read 40 days ago.", today=TODAY)
    assert standing == standing.__class__(Compliance.UNKNOWN, "Read 40 days ago.")


def test_an_exception_counts_only_below_the_minimum() -> None:
    excused = "Excepted until 2027-01-31."
    low = judge_level("7200-04-00-1937", [minimum("7200-05")], exception=excused, today=TODAY)
    high = judge_level("7200-05-04-2220", [minimum("7200-05")], exception=excused, today=TODAY)
    assert (low.compliance, high.compliance) == (Compliance.EXCEPTED, Compliance.COMPLIANT)
    assert excused in low.reason


def test_without_a_baseline_nothing_is_asked() -> None:
    assert judge_level("", [], today=TODAY).compliance is Compliance.NO_BASELINE


def test_the_earliest_unmet_minimum_decides() -> None:
    asked = [minimum("7200-05-04", date(2027, 1, 1), "next year"), minimum("7200-05-03", date(2026, 1, 1))]
    assert judge_level("7200-05-02-2114", asked, today=TODAY).compliance is Compliance.OVERDUE
    assert judge_level("7200-05-03-2148", asked, today=TODAY).compliance is Compliance.BEHIND
