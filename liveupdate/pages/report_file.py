"""A file of a report as the answer of page and API, entered into the ledger."""

from collections.abc import Mapping

from django.http import HttpResponse

from liveupdate.actions.reports import take_file
from liveupdate.models import StoredReport
from liveupdate.records.reports import report_of, stored_pdf
from liveupdate.reports.formats.files import file_of, table_file
from portal.access.models import User
from portal.web.downloads import attachment


def taken_file(person: User, stored: StoredReport, name: str, asked: Mapping[str, str]) -> HttpResponse:
    """The file of that format, or with `table` one table as CSV; `bom=1` begins CSV with a byte order mark.

    Raises Invalid where there is no such format or table, Conflict where the report is not ready or altered.
    """
    report, bom = report_of(stored), asked.get("bom") == "1"
    if asked.get("table"):
        made = table_file(report, asked["table"], bom=bom)
    else:
        made = file_of(report, name, bom=bom, pdf=stored_pdf(stored) if name == "pdf" else None)
    take_file(person, stored, name, made.content)
    return attachment(made.content, f"{stored.number}-{made.name}", made.media_type)
