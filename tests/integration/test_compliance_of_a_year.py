"""A report over a year of 10,000 runs comes in seconds, with as many queries as one over a week."""

from time import process_time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liveupdate.reports.compliance import compliance_report
from liveupdate.reports.document import Period, Scope
from portal.lib.clock import now
from tests.bench.reports import MOST_MB, peak_mb
from tests.year import BEGIN, YEAR, make_year

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

MOST_QUERIES = 32


def queries_of(period: Period) -> int:
    with CaptureQueriesContext(connection) as queries:
        compliance_report(period, Scope(), now())
    return len(queries)


def test_a_longer_period_asks_no_more_queries() -> None:
    make_year(120, 20)
    end = BEGIN + YEAR
    assert queries_of(Period(end - YEAR / 4, end)) == queries_of(Period(BEGIN, end)) <= MOST_QUERIES


@pytest.mark.deep
@pytest.mark.timeout(900)
def test_a_year_of_ten_thousand_runs_takes_seconds() -> None:
    make_year(10_000, 2_000)
    began, before = process_time(), peak_mb()
    with CaptureQueriesContext(connection) as queries:
        report = compliance_report(Period(BEGIN, BEGIN + YEAR), Scope(), now())
    took, grown = process_time() - began, peak_mb() - before
    said = f"{report.figure('runs.queued').value} runs, {report.standing.size} entries"
    print(f"{took:.1f} s of a processor, {len(queries)} queries, {grown:.0f} MB for {said}")
    assert report.figure("runs.queued").value + report.figure("requests.denied").value == 10_000
    assert all(each.holds for section in report.sections for each in section.equations)
    assert report.figure("approvals.late").value == 0
    assert (took < 30, grown < MOST_MB, len(queries) <= MOST_QUERIES) == (True, True, True)
