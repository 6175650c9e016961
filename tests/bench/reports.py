"""P15: a compliance report over a year of 10,000 runs, in seconds and megabytes."""

import resource
from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from liveupdate.reports.compliance import compliance_report
from liveupdate.reports.document import Period, Report, Scope
from portal.lib.clock import now
from tests.bench.rows import Row, seconds
from tests.year import BEGIN, YEAR, make_year

RUNS, LPARS = 10_000, 2_000
GOAL_S = 10.0
MOST_MB = 600


def measure() -> Iterator[Row]:
    """The year is made first; then one report is timed, with its queries and what memory it took."""
    entries = make_year(RUNS, LPARS)
    period, reports = Period(BEGIN, BEGIN + YEAR), list[Report]()
    before = peak_mb()
    with CaptureQueriesContext(connection) as queries:
        took = seconds(
            lambda: reports.append(compliance_report(period, Scope(), now() + timedelta(seconds=1)))
        )
    note = f"{entries:,} entries, {len(queries)} queries, {reports[0].figure('runs.queued').value:,} runs"
    yield Row("P15", "compliance report of a year", "s", took, None, f"< {GOAL_S:.0f} s", took < GOAL_S, note)
    grown = peak_mb() - before
    yield Row("P15", "memory it took", "MB", grown, None, f"< {MOST_MB} MB", grown < MOST_MB)


def peak_mb() -> float:
    """The most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
