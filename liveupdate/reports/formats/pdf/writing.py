"""A report as PDF: title page, contents, sections, and room for signatures."""

import io
from collections.abc import Iterator
from html import escape
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Spacer,
)
from reportlab.platypus.doctemplate import IndexingFlowable
from reportlab.platypus.tableofcontents import TableOfContents

from liveupdate.reports.document import Report
from liveupdate.reports.formats.pdf.fonts import REGULAR, load_fonts, printable
from liveupdate.reports.formats.pdf.parts import Parts, paragraph
from liveupdate.reports.formats.pdf.styles import LINE, MARGIN, MUTED, PAGE, WIDE_PAGE, WIDTH, style
from liveupdate.reports.formats.pdf.title import signatures, title_page
from liveupdate.reports.formats.words import Reader

FINE = 6.4
"""Points of the running foot, where the root stands whole."""


def pdf_of(report: Report) -> bytes:
    """The PDF. Its dates are those of the report, so the same report gives the same bytes."""
    load_fonts()
    content = io.BytesIO()
    document = _Document(content, report)
    document.multiBuild([*_story(report), _PageCount(document)])
    return content.getvalue()


def _story(report: Report) -> Iterator[Flowable]:
    yield from title_page(report, WIDTH)
    yield NextPageTemplate("body")
    yield PageBreak()
    yield paragraph("Contents", "h1")
    yield TableOfContents(levelStyles=[style("entry-0"), style("entry-1")], dotsMinLevel=0)
    yield PageBreak()
    parts = Parts(report)
    for section in report.sections:
        yield from parts.section(section)
    yield from parts.end()
    yield KeepTogether([Spacer(1, 14), *signatures(report, WIDTH)])


class _PageCount(IndexingFlowable):  # type: ignore[misc]
    """Has the document laid out again until the number of its pages is known on each of them."""

    def __init__(self, document: "_Document") -> None:
        super().__init__()
        self.document = document

    def wrap(self, *_room: float) -> tuple[float, float]:
        """It takes no room."""
        return 0, 0

    def draw(self) -> None:
        """Nothing is to be seen of it."""

    def isSatisfied(self) -> bool:
        """Whether the number that was printed is the number of pages."""
        told, self.document.pages = self.document.pages, self.document.page
        return bool(told == self.document.pages)


class _Document(BaseDocTemplate):  # type: ignore[misc]
    """Frames, running head and foot, outline and contents."""

    def __init__(self, target: io.BytesIO, report: Report) -> None:
        self.report, self.reader, self.pages = report, Reader.of(report), 0
        self.digest = report.digest
        words = {
            "title": printable(report.title),
            "author": printable(report.made_by or report.standing.origin),
        }
        super().__init__(
            target, pagesize=PAGE, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=24 * mm,
            bottomMargin=22 * mm, invariant=1, lang="en", pageCompression=1, allowSplitting=1,
            subject=self.digest, creator=printable(report.product), producer="Live Update portal", **words,
        )  # fmt: skip
        self.addPageTemplates(
            [
                PageTemplate("title", [_frame(PAGE, MARGIN, MARGIN)], onPage=self._dates),
                PageTemplate("body", [_frame(PAGE, self.topMargin, self.bottomMargin)], onPage=self._running),
                PageTemplate(
                    "wide",
                    [_frame(WIDE_PAGE, self.topMargin, self.bottomMargin)],
                    onPage=self._running,
                    pagesize=WIDE_PAGE,
                ),
            ]
        )

    def afterFlowable(self, flowable: Flowable) -> None:
        """Enter headings into outline and contents."""
        if found := getattr(flowable, "listed", None):
            level, title, key = found
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(title, key, level, closed=True)
            self.notify("TOCEntry", (level, escape(title), self.page, key))

    def _dates(self, canvas: Canvas, _document: Any) -> None:
        at = self.report.made_at or self.report.as_of
        canvas.setDateFormatter(lambda *_parts: f"D:{at:%Y%m%d%H%M%S}+00'00'")

    def _running(self, canvas: Canvas, document: Any) -> None:
        standing, period = self.report.standing, self.report.period
        width, height = document.pageTemplate.pagesize or PAGE
        right, top, foot = width - MARGIN, height - 15 * mm, 14 * mm
        canvas.saveState()
        canvas.setFillColor(MUTED)
        canvas.setStrokeColor(LINE)
        canvas.setFont(REGULAR, 8)
        canvas.drawString(MARGIN, top, printable(self.report.title))
        canvas.drawRightString(
            right, top, f"{self.reader.moment(period.begin)} to {self.reader.moment(period.end)}"
        )
        canvas.line(MARGIN, top - 5, right, top - 5)
        canvas.line(MARGIN, foot + 9, right, foot + 9)
        canvas.setFont(REGULAR, FINE)
        canvas.drawString(MARGIN, foot, f"Ledger {standing.size:,} entries, root {standing.root}")
        canvas.drawString(MARGIN, foot - 9, f"Report {self.digest}")
        canvas.setFont(REGULAR, 8)
        canvas.drawRightString(right, foot, f"Page {document.page} of {document.pages}")
        canvas.restoreState()


def _frame(page: tuple[float, float], top: float, bottom: float) -> Frame:
    return Frame(MARGIN, bottom, page[0] - 2 * MARGIN, page[1] - top - bottom, 0, 0, 0, 0)
