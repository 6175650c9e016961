"""The report that a bundle about a period holds: what the ledger says, counted, in every format."""

from collections.abc import Iterator

from liveupdate.reports.catalogue import Question, Told, build
from liveupdate.reports.document import Period, Report
from liveupdate.reports.formats.csv_files import csv_of, tables_of
from liveupdate.reports.formats.files import FORMATS, file_of, has_format
from liveupdate.reports.naming import signed

KIND = "compliance"
FOLDER = "reports/"


def report_on(period: Period, told: Told, *, names: bool) -> Report:
    """The compliance report of a period. Raises Conflict where nothing is signed.

    Nothing in it says when the bundle was written, so the same ledger gives the same bytes.
    """
    report = build(Question(KIND, period), told)
    return signed(report, "evidence bundle", report.as_of, names=names)


def report_files(whole: Report) -> Iterator[tuple[str, bytes]]:
    """`reports/compliance.json`, its PDF, OSCAL and HTML, and each table as CSV."""
    for name in FORMATS:
        if name != "csv" and has_format(whole, name):
            made = file_of(whole, name)
            yield FOLDER + made.name, made.content
    for _, table, name in tables_of(whole):
        yield f"{FOLDER}{name}", csv_of(table, whole)
