"""The ready reports: each is made from a company's real ledger, in its sections, and says what happened."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest
from django.db import transaction

from inventory.models import ExposureSpan
from liveupdate.bundle.verifier.opening import Entry
from liveupdate.bundle.verifier.population import Course, RunCourse
from liveupdate.models import Run, Snapshot
from liveupdate.reports.catalogue import Question, build
from liveupdate.reports.document import Period, Report, Share
from liveupdate.reports.formats.schema import report_schema
from liveupdate.reports.kinds import KINDS
from liveupdate.reports.sections.calendar import happened
from liveupdate.states import RunState
from liveupdate.transitions import result_of
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet
from tests.run_story import Story

DAY = timedelta(days=1)
NIGHT = ("2026-10-03T22:00:00.000000Z", "2026-10-04T02:00:00.000000Z")
CONSENTS = ("remove_ifixes", "trusted_execution_off", "wlm_off")
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
    jsonschema.Draft202012Validator(report_schema()).validate(json.loads(report.content))
    for part in ("figures", "equations", "tables", "charts"):
        named = [each.key for section in report.sections for each in getattr(section, part)]
        assert len(named) == len(set(named)), f"{part}: one key, one thing"


def test_blackouts_stand_against_their_budgets(fleet: Fleet) -> None:
    for name, took_ms in (("pay01", 12_640), ("pay02", 61_000)):
        story = Story(fleet.queued(name, consents=CONSENTS)).begin()
        Run.objects.filter(pk=story.run.pk).update(blackout_ms=took_ms)
        run = story.over(RunState.SUCCEEDED, "The LPAR runs 7200-05-04-2220.").run
        subject = {"request": run.request.number, "run": run.pk}
        with transaction.atomic():
            record(Event.RUN_END, Actor.worker("w1"), subject, result_of(run), run=run.pk, epoch=1)
    report = made("blackout", "payroll")
    assert [section.key for section in report.sections] == ["blackout"]
    runs, lpars = report.section("blackout").tables
    columns = [column.key for column in runs.columns]
    told = [dict(zip(columns, row.cells, strict=True)) for row in runs.rows]
    assert [(each["lpar"], each["blackout"], each["budget"], each["within"]) for each in told] == [
        ("pay02", 61_000, 60, False),
        ("pay01", 12_640, 60, True),
    ]
    assert [row.cells for row in lpars.rows] == [
        ("pay01", 1, 12_640, 12_640, Share(1, 1)),
        ("pay02", 1, 61_000, 61_000, Share(0, 1)),
    ]
    assert report.figure("blackout.within").value == Share(1, 2)
    assert report.figure("blackout.max").value == 61_000
    spread, months = report.section("blackout").charts
    assert spread.series[0].values == (0, 0, 1, 0, 0, 1, 0, 0)
    assert [sum(value or 0 for value in series.values) for series in months.series] == [1, 1]
    assert made("blackout", "webshop").figure("blackout.within").value == Share(0, 0)


def test_the_calendar_stands_against_what_happened(fleet: Fleet) -> None:
    Story(fleet.queued("pay01")).begin().looks().finishes()
    fleet.submitted("pay02", consents=CONSENTS)
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
