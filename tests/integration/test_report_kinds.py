"""The ready reports: each is made from a company's real ledger, in its sections, and says what happened."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inventory.models import ExposureSpan
from liveupdate.bundle.verifier.opening import Entry
from liveupdate.bundle.verifier.population import Course, RunCourse
from liveupdate.models import Snapshot
from liveupdate.reports.catalogue import Question, build
from liveupdate.reports.document import Period, Report, Share
from liveupdate.reports.kinds import KINDS
from liveupdate.reports.sections.calendar import happened
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet
from tests.run_story import Story

DAY = timedelta(days=1)
NIGHT = ("2026-10-03T22:00:00.000000Z", "2026-10-04T02:00:00.000000Z")
UNTIL = datetime(2026, 10, 31, tzinfo=UTC)


@pytest.fixture
def fleet(db: None) -> Fleet:
    return make_fleet()


def made(kind: str, team: str = "") -> Report:
    return build(Question(kind, Period(now() - 30 * DAY, now() + DAY), team), lambda *_told: None)


def course(begun: str = "", ended: str = "", state: str = "succeeded") -> Course:
    said: dict[str, Any] = {
        "sub": {"request": "R-000001", "run": 1}, "actor": {"id": "u_ana"}, "at": NIGHT[0], "d": {},
    }  # fmt: skip
    told = Course(Entry(1, b"", said))
    told.wish = {"starts_at": NIGHT[0], "ends_at": NIGHT[1]}
    told.terms = {"plan_digest": "sha256:0"}
    if begun:
        told.run = RunCourse(Entry(2, b"", said))
        told.run.begun_at, told.run.ended_at = begun, ended
        told.run.result = {"state": state} if ended else {}
    return told


@pytest.mark.parametrize(
    ("begun", "ended", "state", "what"),
    [
        ("", "", "", "not_begun"),
        ("2026-10-03T22:00:00.000000Z", "2026-10-03T23:00:00.000000Z", "succeeded", "as_planned"),
        ("2026-10-03T22:00:00.000000Z", "2026-10-04T02:00:00.000000Z", "succeeded", "as_planned"),
        ("2026-10-03T22:00:00.000000Z", "2026-10-04T02:00:00.000001Z", "succeeded", "went_on_after"),
        ("2026-10-03T21:59:59.999999Z", "2026-10-03T23:00:00.000000Z", "succeeded", "began_outside"),
        ("2026-10-04T02:00:00.000000Z", "2026-10-04T03:00:00.000000Z", "failed", "began_outside"),
        ("2026-10-03T22:00:00.000000Z", "2026-10-03T23:00:00.000000Z", "failed", "failed_in_window"),
        ("2026-10-03T22:00:00.000000Z", "", "", "went_on_after"),
    ],
)
def test_what_became_of_a_change(begun: str, ended: str, state: str, what: str) -> None:
    assert happened(course(begun, ended, state), UNTIL) == what


def test_a_run_under_way_in_its_window_is_not_over() -> None:
    under_way = course("2026-10-03T22:00:00.000000Z")
    assert happened(under_way, datetime(2026, 10, 4, tzinfo=UTC)) == "not_over"


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_ready_report_has_its_sections_and_each_denominator(fleet: Fleet, kind: Any) -> None:
    report = made(kind.key)
    keys = [section.key for section in report.sections]
    assert report.title == kind.title
    assert keys == list(kind.sections) if kind.sections else len(keys) == 14
    assert [section.number for section in report.sections] == list(range(1, len(keys) + 1))
    figures = [figure for section in report.sections for figure in section.figures]
    assert all(figure.value == report.figure(figure.key).value for figure in figures), "one key, one number"


def test_the_calendar_stands_against_what_happened(fleet: Fleet) -> None:
    Story(fleet.queued("pay01")).begin().looks().finishes()
    fleet.submitted("pay02", consents=("remove_ifixes", "trusted_execution_off", "wlm_off"))
    report = made("changes", "payroll")
    assert report.figure("calendar.planned").value == 2
    assert report.figure("calendar.not_begun").value >= 1
    [table] = report.section("calendar").tables
    assert {row.cells[1] for row in table.rows} == {"pay01", "pay02"}
    [chart] = report.section("calendar").charts
    assert sum(value or 0 for series in chart.series for value in series.values) == 2
    assert made("changes", "webshop").figure("calendar.planned").value == 0


def test_the_fleet_stands_as_it_was_then(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    for days, level in ((20, "7200-05-03-2148"), (-2, "7200-05-04-2220")):
        Snapshot.objects.create(
            lpar=lpar, level=level, filesets_digest="sha256:0", ifixes_digest="sha256:0",
            taken_at=now() - days * DAY,
        )  # fmt: skip
    for apar, found, ended in (("IJ1", 20, None), ("IJ2", 20, 10), ("IJ3", 20, -2), ("IJ4", -2, None)):
        ExposureSpan.objects.create(
            lpar=lpar, apar=apar, severity="high", found_at=now() - found * DAY,
            ended_at=None if ended is None else now() - ended * DAY,
        )  # fmt: skip
    report = made("fleet", "payroll")
    lpars, faults = report.section("fleet").tables
    rows = {
        row.cells[0]: dict(zip([column.key for column in lpars.columns], row.cells, strict=True))
        for row in lpars.rows
    }
    assert rows["pay01"]["level"] == "7200-05-03-2148"
    assert rows["pay01"]["high"] == 2
    assert rows["pay02"]["level"] is None
    assert [row.cells[0] for row in faults.rows] == ["IJ1", "IJ3"]
    assert report.figure("fleet.known").value == Share(1, 2)
    assert report.section("fleet").charts[0].labels == ("7200-05-03-2148",)
