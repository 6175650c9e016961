"""Readings that are kept: the same answer once, a bounded number of others, and what changed between them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from inventory.actions.facts import stored_facts
from inventory.actions.readings import KEPT, KEPT_VOLATILE, keep_readings
from inventory.facts.base import Output, Reading, ReadingState
from inventory.history import What, change_to, changes_after, changes_before, changes_of_last_look
from inventory.models import FactReading, Lpar
from tests.estate import FACTS, reading
from tests.fleet import make_fleet

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 11, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = ("oslevel", "lspv", "disk_size:hdisk0", "disk_size:hdisk10", "date", "df")
DATE = "Sun Nov  1 08:00:0{} CET 2026\n"


@pytest.fixture
def lpar() -> Lpar:
    made = make_fleet().lpars["pay01"]
    FactReading.objects.all().delete()
    return made


def look(lpar: Lpar, hour: int, without: Iterable[str] = (), **said: str | Output | Reading) -> None:
    """A look `hour` hours after the first; `said` are other answers, by fact (`disk_size__hdisk0`)."""
    answers: dict[str, Any] = {name: FACTS.get(name, DATE.format(1)) for name in NAMES if name not in without}
    answers |= {name.replace("__", ":"): answer for name, answer in said.items()}
    readings = [
        replace(answer if isinstance(answer, Reading) else reading(name, answer), read_at=FIRST + hour * HOUR)
        for name, answer in answers.items()
    ]
    with transaction.atomic():
        keep_readings(lpar.host, {"pay01": lpar.host}, readings)


def lost(name: str) -> Reading:
    return replace(reading(name, Output("", "", None), ReadingState.UNREACHABLE), problem="pay01 is away.")


def test_the_same_answer_is_kept_once_and_read_again(lpar: Lpar) -> None:
    look(lpar, 0)
    look(lpar, 1)
    rows = FactReading.objects.all()
    assert rows.count() == len(NAMES)
    assert set(rows.values_list("first_read_at", "read_at", "current")) == {(FIRST, FIRST + HOUR, True)}
    assert {found.read_at for found in stored_facts(lpar).readings.values()} == {FIRST + HOUR}


def test_another_answer_ends_the_one_before(lpar: Lpar) -> None:
    look(lpar, 0)
    look(lpar, 1, oslevel="7200-05-04-2220\n")
    old, new = FactReading.objects.filter(fact="oslevel").order_by("first_read_at")
    assert (old.current, old.read_at, old.ended_at) == (False, FIRST, FIRST + HOUR)
    assert (new.current, new.first_read_at, new.ended_at) == (True, FIRST + HOUR, None)


def test_no_more_than_so_many_answers_are_kept(lpar: Lpar) -> None:
    for hour in range(KEPT + 5):
        look(lpar, hour, oslevel=f"7200-05-03-21{hour:02d}\n", date=DATE.format(hour % 10))
    kept = FactReading.objects.filter(current=False)
    assert kept.filter(fact="oslevel").count() == KEPT
    assert kept.filter(fact="date").count() == KEPT_VOLATILE
    assert stored_facts(lpar).readings["oslevel", ""].output.stdout == f"7200-05-03-21{KEPT + 4}\n"


def test_what_the_last_look_changed(lpar: Lpar) -> None:
    assert changes_of_last_look(lpar.host) is None
    look(lpar, 0)
    look(lpar, 1, oslevel="7200-05-04-2220\n")
    look(lpar, 2, oslevel="7200-05-04-2220\n", disk_size__hdisk0="65536\n", date=DATE.format(5))
    compared = changes_of_last_look(lpar.host)
    assert compared is not None
    assert [(change.what, change.fact, change.key) for change in compared.changes] == [
        (What.CHANGED, "disk_size", "hdisk0")
    ]
    assert [(each.before, each.after) for each in compared.changes[0].differences] == [("61440", "65536")]
    look(lpar, 3, oslevel="7200-05-04-2220\n", disk_size__hdisk0="65536\n")
    again = changes_of_last_look(lpar.host)
    assert again is not None
    assert again.changes == ()


def test_drift_is_measured_from_the_first_answers_after_a_run(lpar: Lpar) -> None:
    look(lpar, 0)
    look(lpar, 2, oslevel="7200-05-04-2220\n")
    look(lpar, 5, oslevel="7200-05-04-2220\n", disk_size__hdisk0="65536\n")
    drift = changes_after(lpar.host, FIRST + 1 * HOUR)
    assert [change.fact for change in drift.changes] == ["disk_size"]
    since_first = changes_before(lpar.host, FIRST + HOUR)
    assert [change.fact for change in since_first.changes] == ["disk_size", "oslevel"]


def test_disks_come_and_go_but_an_unanswered_question_is_no_loss(lpar: Lpar) -> None:
    look(lpar, 0)
    look(lpar, 1, without=["disk_size:hdisk10"], disk_size__hdisk9="1024\n")
    found = {(change.what, change.key) for change in changes_before(lpar.host, FIRST + HOUR).changes}
    assert found == {(What.GONE, "hdisk10"), (What.NEW, "hdisk9")}
    look(lpar, 2, without=["disk_size:hdisk10"], lspv=lost("lspv"))
    found = {(change.what, change.key) for change in changes_before(lpar.host, FIRST + HOUR).changes}
    assert found == {(What.NOT_READ, "hdisk10")}


def test_what_is_out_of_reach_now_is_counted_and_no_change(lpar: Lpar) -> None:
    look(lpar, 0)
    look(lpar, 1, oslevel=lost("oslevel"), lspv=lost("lspv"))
    compared = changes_of_last_look(lpar.host)
    assert compared is not None
    assert (compared.changes, compared.not_known) == ((), {"unreachable": 2})
    look(lpar, 2)
    again = changes_of_last_look(lpar.host)
    assert again is not None
    assert (again.changes, again.not_known) == ((), {})


def test_an_answer_says_what_it_changed_against_the_one_before(lpar: Lpar) -> None:
    look(lpar, 0)
    look(lpar, 1, oslevel=lost("oslevel"))
    look(lpar, 2, oslevel="7200-05-04-2220\n")
    old, away, new = FactReading.objects.filter(fact="oslevel").order_by("first_read_at")
    change = change_to(new)
    assert change is not None
    assert [(each.before, each.after) for each in change.differences] == [
        ("7200-05-03-2148", "7200-05-04-2220")
    ]
    assert change_to(old) is None
    assert change_to(away) is None


def test_a_comparison_costs_two_queries_whatever_changed(
    lpar: Lpar, django_assert_max_num_queries: Any
) -> None:
    look(lpar, 0)
    look(lpar, 1, oslevel="7200-05-04-2220\n", disk_size__hdisk0="65536\n", disk_size__hdisk10="1\n")
    with django_assert_max_num_queries(2):
        assert len(changes_before(lpar.host, FIRST + HOUR).changes) == 3
