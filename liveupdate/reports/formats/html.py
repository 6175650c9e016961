"""A report as one HTML file that needs nothing else: to keep, to print, to open without the portal."""

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from liveupdate.reports.document import Report
from liveupdate.reports.formats.view import View
from portal.lib.errors import Conflict

STYLE = "portal.css"


def html_of(report: Report) -> bytes:
    """The file, with the portal's style sheet inside."""
    view = View(report)
    context = {
        "report": report,
        **view.times(),
        "sections": [view.section(section) for section in report.sections],
        "style": style_sheet(),
    }
    return render_to_string("reports/file.html", context).encode()


def style_sheet() -> str:
    """The portal's style sheet. Raises Conflict where it is missing."""
    found = finders.find(STYLE)
    if not isinstance(found, str):
        raise Conflict(
            f"The style sheet {STYLE} is missing.",
            remedy="Install the portal anew.",
            code="portal_incomplete",
        )
    with open(found, encoding="utf-8") as stream:  # noqa: PTH123 - a finder gives a text
        return stream.read()
