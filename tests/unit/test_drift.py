"""Rules for what differs between what was approved and what is."""

import pytest

from liveupdate.control.drift import NOT_KNOWN, Drift, Rule, drifts, gravest, rules

FIELDS = tuple(rules().fields)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("rule", Rule)
def test_a_site_sets_the_rule_of_each_field(field: str, rule: Rule) -> None:
    changed = rules([f"{field}={rule}"])
    assert drifts({field: "a"}, {field: "b"}, changed) == [Drift(field, "a", "b", rule)]
    assert changed.version == f"{rules().version}+{field}={rule}"


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_the_same_is_no_drift(field: str) -> None:
    assert drifts({field: "a"}, {field: "a"}, rules()) == []


def test_what_nobody_knows_now_has_drifted_and_what_nobody_knew_was_not_approved_against() -> None:
    (gone,) = drifts({"level": "7300-01-02-2320"}, {}, rules())
    assert gone.now == NOT_KNOWN
    assert drifts({}, {"level": "7300-01-02-2320"}, rules()) == []


def test_the_gravest_rule_counts() -> None:
    found = [Drift("lpar_id", "3", "4", Rule.WARN), Drift("filesets", "a", "b", Rule.REAPPROVE)]
    assert gravest(found) is Rule.REAPPROVE
    assert gravest([*found, Drift("level", "a", "b", Rule.VOID)]) is Rule.VOID
    assert gravest(found[:1]) is Rule.WARN
    assert gravest([]) is None


@pytest.mark.parametrize("wrong", ["colour=void", "filesets=maybe", "filesets"])
def test_a_rule_that_there_is_none_of_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"colour|maybe|''"):
        rules([wrong])
