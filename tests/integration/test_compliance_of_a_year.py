"""A report over a year of 10,000 runs comes in seconds, with as many queries as one over a week."""

from time import perf_counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liveupdate.reports.compliance import compliance_report
from liveupdate.reports.document import Period, Scope
from portal.lib.clock import now
from tests.year import BEGIN, YEAR, make_year

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


def queries_of(period: Period) -> int:
    with CaptureQueriesContext(connection) as queries:
        compliance_report(period, Scope(), now())
    return len(queries)


def test_a_longer_period_asks_no_more_queries() -> None:
    make_year(120, 20)
    end = BEGIN + YEAR
    assert queries_of(Period(end - YEAR / 4, end)) == queries_of(Period(BEGIN, end)) <= 32


@pytest.mark.deep
@pytest.mark.timeout(600)
def test_a_year_of_ten_thousand_runs_takes_seconds() -> None:
    make_year(10_000, 2_000)
    began = perf_counter()
    report = compliance_report(Period(BEGIN, BEGIN + YEAR), Scope(), now())
    took = perf_counter() - began
    print(f"{took:.1f} s for {report.figure('runs.queued').value} runs, {report.standing.size} entries")
    assert report.figure("runs.queued").value + report.figure("requests.denied").value == 10_000
    assert all(each.holds for section in report.sections for each in section.equations)
    assert report.figure("approvals.late").value == 0
    assert took < 60, "ten seconds on a quiet machine; a busy one is given six times as long"
