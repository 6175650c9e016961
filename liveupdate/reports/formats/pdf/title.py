"""The first page of a PDF, and the place for signatures on its last."""

import io
from collections.abc import Iterator
from html import escape

import segno
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer, Table

from liveupdate.reports.document import Report
from liveupdate.reports.formats.pdf.fonts import BOLD, REGULAR, printable
from liveupdate.reports.formats.pdf.styles import ACCENT, INK, LINE, MUTED, style
from liveupdate.reports.formats.words import Reader

QR = 34 * mm
ROLES = ("Prepared by", "Reviewed by", "Auditor")
CHECK = (
    "This file shows the report; the report itself is its JSON, whose SHA-256 is the digest above. Who has "
    "the ledger, or an evidence bundle of this period, can count again every number that entries give "
    "(verify.py names the others) and compare the root with a checkpoint that left the portal."
)


def title_page(report: Report, width: float) -> Iterator[Flowable]:
    """What the report is about, who had it made, and of which ledger it is."""
    yield Spacer(1, 40 * mm)
    yield Paragraph(escape(printable(report.product or "Live Update portal")), style("muted"))
    yield Paragraph(escape(printable(report.title)), style("title"))
    reader, period = Reader.of(report), report.period
    yield Paragraph(f"{reader.moment(period.begin)}<br/>to {reader.moment(period.end)}", style("lead"))
    made = reader.moment(report.made_at) if report.made_at else "not said"
    yield _facts(
        [
            ("Scope", f"team {report.scope.team}" if report.scope.team else "all teams"),
            ("As of", reader.moment(report.as_of)),
            ("Time zone", period.time_zone),
            ("Made by", report.made_by or "not said"),
            ("Made at", made),
            ("Digest of the report", report.digest),
        ],
        width,
    )
    yield Spacer(1, 8 * mm)
    yield Paragraph("The ledger that it was read from", style("h2"))
    standing = report.standing
    facts = _facts(
        [
            ("Log", standing.origin),
            ("Entries", f"{standing.size:,}"),
            ("Root", standing.root),
            ("Key", standing.key),
            ("Checkpoint", standing.checkpoint.strip()),
        ],
        width - QR - 6 * mm,
    )
    yield Table([[facts, _qr(standing.checkpoint)]], colWidths=[width - QR, QR], style=_BESIDE)
    yield Spacer(1, 4 * mm)
    yield Paragraph(CHECK, style("muted"))


def signatures(report: Report, width: float) -> Iterator[Flowable]:
    """Lines to sign on, with the digest that is signed for."""
    yield Paragraph("Signatures", style("h1"))
    yield Paragraph(
        f"For the report {report.digest} of {report.standing.size:,} ledger entries.", style("body")
    )
    head = ["", "Name and role", "Date", "Signature"]
    rows = [[role, "", "", ""] for role in ROLES]
    widths = [width * share for share in (0.16, 0.34, 0.16, 0.34)]
    yield Table([head, *rows], colWidths=widths, rowHeights=[14, *([14 * mm] * len(rows))], style=_LINES)


def _facts(facts: list[tuple[str, str]], width: float) -> Table:
    rows = [
        [
            Paragraph(name, style("muted")),
            Paragraph(escape(printable(value)).replace("\n", "<br/>"), style("cell")),
        ]
        for name, value in facts
    ]
    return Table(rows, colWidths=[34 * mm, width - 34 * mm], style=_FACTS, hAlign="LEFT")


def _qr(text: str) -> Drawing:
    """The checkpoint as a picture that a camera reads."""
    lines = io.StringIO()
    segno.make(text or "no checkpoint", error="m", micro=False).save(lines, kind="txt", border=0)
    modules = lines.getvalue().splitlines()
    size = QR / len(modules)
    sheet = Drawing(QR, QR)
    for y, line in enumerate(modules):
        for x, module in enumerate(line):
            if module == "1":
                place = (x * size, QR - (y + 1) * size, size * 1.02, size * 1.02)
                sheet.add(Rect(*place, fillColor=INK, strokeColor=None, strokeWidth=0))
    return sheet


_FACTS = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]
_BESIDE = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("ALIGN", (1, 0), (1, 0), "RIGHT"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("LINEABOVE", (0, 0), (-1, 0), 1.2, ACCENT),
    ("TOPPADDING", (0, 0), (-1, -1), 6),
]
_LINES = [
    ("FONT", (0, 0), (-1, -1), REGULAR, 8),
    ("FONT", (0, 1), (0, -1), BOLD, 8),
    ("TEXTCOLOR", (0, 0), (-1, 0), MUTED),
    ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("LINEBELOW", (1, 1), (-1, -1), 0.6, INK),
    ("LINEBELOW", (0, 1), (0, -1), 0.4, LINE),
]
