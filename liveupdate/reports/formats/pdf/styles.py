"""How a PDF looks: colours, sizes and paragraphs."""

from functools import cache

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm

from liveupdate.reports.formats.pdf.fonts import BOLD, REGULAR, load_fonts

INK, MUTED, LINE, SUNKEN, ACCENT = map(HexColor, ("#17202b", "#566373", "#dde2e8", "#f3f5f7", "#0b62c4"))
BAD = HexColor("#b3261e")
SERIES: tuple[Color, ...] = tuple(
    map(HexColor, ("#0b62c4", "#c25e00", "#14713d", "#6a4fb3", "#b3261e", "#566373"))
)
PAGE, WIDE_PAGE = A4, landscape(A4)
MARGIN = 18 * mm
WIDTH, WIDE = PAGE[0] - 2 * MARGIN, WIDE_PAGE[0] - 2 * MARGIN
"""Points that the text is wide, on pages that stand and on pages that lie."""
SMALL = 7.5
"""Points of the text in tables."""


@cache
def style(name: str) -> ParagraphStyle:
    """The paragraph style of that name."""
    load_fonts()
    body = ParagraphStyle("body", fontName=REGULAR, fontSize=9, leading=12.6, textColor=INK, spaceAfter=5)
    cell = ParagraphStyle("cell", body, fontSize=SMALL, leading=9.6, spaceAfter=0, splitLongWords=1)
    return {
        "body": body,
        "muted": ParagraphStyle("muted", body, fontSize=8, leading=11, textColor=MUTED),
        "cell": cell,
        "number": ParagraphStyle("number", cell, alignment=TA_RIGHT),
        "bad": ParagraphStyle("bad", cell, fontName=BOLD, textColor=BAD),
        "number-head": ParagraphStyle(
            "number-head", cell, fontName=BOLD, textColor=MUTED, alignment=TA_RIGHT
        ),
        "head": ParagraphStyle("head", cell, fontName=BOLD, textColor=MUTED),
        "h1": ParagraphStyle(
            "h1", body, fontName=BOLD, fontSize=15, leading=19, spaceBefore=14, spaceAfter=6
        ),
        "h2": ParagraphStyle("h2", body, fontName=BOLD, fontSize=10, leading=13, spaceBefore=9, spaceAfter=3),
        "title": ParagraphStyle("title", body, fontName=BOLD, fontSize=26, leading=32, spaceAfter=8),
        "lead": ParagraphStyle("lead", body, fontSize=12, leading=17, textColor=MUTED, spaceAfter=16),
        "entry-0": ParagraphStyle("entry-0", body, fontName=BOLD, fontSize=9.5, leading=15, spaceBefore=4),
        "entry-1": ParagraphStyle("entry-1", body, leftIndent=14, spaceAfter=0, textColor=MUTED),
    }[name]
