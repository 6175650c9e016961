"""Tables that break over pages, with their heading on each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, LongTable, Paragraph

from liveupdate.reports.formats.pdf.fonts import BOLD, REGULAR, printable
from liveupdate.reports.formats.pdf.styles import INK, LINE, MUTED, SMALL, SUNKEN, style

MOST_ROWS = 2_000
"""Rows that are printed of one table; the table says so, and where all of them are."""
MEASURED = 300
PAD = 4.0
LEAST, WORD_MOST, LINE_MOST = 22.0, 96.0, 240.0
Cells = Sequence[Sequence[str]]
"""A row: of each cell its lines."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One column: what it is called, and whether its cells are numbers."""

    title: str
    number: bool = False


class Bad(str):
    """A line of a cell that must not be overlooked."""

    __slots__ = ()


def table_of(headings: Sequence[Heading], rows: Sequence[Cells], width: float) -> Flowable:
    """A table at most `width` wide; a cell is the lines that stand below each other in it."""
    widths = widths_of(headings, rows, width)
    head = [
        Paragraph(escape(printable(each.title)), style("number-head" if each.number else "head"))
        for each in headings
    ]
    body = [
        [_cell(cell, heading, own) for cell, heading, own in zip(row, headings, widths, strict=True)]
        for row in rows
    ]
    return LongTable([head, *body], colWidths=widths, repeatRows=1, splitInRow=1, style=_LOOK, hAlign="LEFT")


def least_width(headings: Sequence[Heading], rows: Sequence[Cells]) -> float:
    """What a table needs so that no word is broken that is no longer than usual words are."""
    return sum(least for least, _ in _needs(headings, rows))


def groups_of(headings: Sequence[Heading], rows: Sequence[Cells], width: float) -> list[list[int]]:
    """The columns of each part of a table that is too wide for a page; the first stands in all parts."""
    least = [each for each, _ in _needs(headings, rows)]
    groups, room = [[0]], width - least[0]
    for at in range(1, len(headings)):
        if least[at] > room and len(groups[-1]) > 1:
            groups.append([0])
            room = width - least[0]
        groups[-1].append(at)
        room -= least[at]
    return groups


def widths_of(headings: Sequence[Heading], rows: Sequence[Cells], width: float) -> list[float]:
    """Column widths of at most `width`: each its longest word, and what is left to those that want more."""
    needs = _needs(headings, rows)
    least, wanted = [each for each, _ in needs], [each for _, each in needs]
    if sum(least) >= width:
        return [width * each / sum(least) for each in least]
    if sum(wanted) <= width:
        return wanted
    roots = [(most - low) ** 0.5 for low, most in needs]
    room = width - sum(least)
    return [low + room * root / sum(roots) for low, root in zip(least, roots, strict=True)]


def _needs(headings: Sequence[Heading], rows: Sequence[Cells]) -> list[tuple[float, float]]:
    """Of each column: its longest word, and its longest line."""
    found = []
    for at, heading in enumerate(headings):
        lines = [printable(line) for row in rows[:MEASURED] for line in row[at]]
        longest = max([_width(word, REGULAR) for line in lines for word in line.split()], default=0.0)
        head = max([_width(word, BOLD) for word in heading.title.split()], default=0.0)
        least = max(LEAST, head, min(longest, WORD_MOST)) + 2 * PAD + 1
        longest = max([_width(line, REGULAR) for line in lines], default=0.0)
        wanted = min(longest, LINE_MOST) + 2 * PAD + 1
        found.append((least, max(least, wanted, _width(heading.title, BOLD) + 2 * PAD + 1)))
    return found


def _cell(lines: Sequence[str], heading: Heading, width: float) -> Paragraph | str | list[Paragraph]:
    """Plain text where it fits on one line, which is far cheaper than a paragraph."""
    shown = [printable(line) for line in lines]
    if any(isinstance(line, Bad) for line in lines):
        pairs = zip(lines, shown, strict=True)
        return [
            Paragraph(escape(text), style("bad" if isinstance(line, Bad) else "cell")) for line, text in pairs
        ]
    fits = len(shown) == 1 and "\n" not in shown[0] and _width(shown[0], REGULAR) <= width - 2 * PAD
    if fits and not heading.number:
        return shown[0]
    text = "<br/>".join(escape(line).replace("\n", "<br/>") for line in shown)
    return Paragraph(text, style("number" if heading.number else "cell"))


def _width(text: str, font: str) -> float:
    return float(stringWidth(text, font, SMALL))


_LOOK = [
    ("FONT", (0, 0), (-1, -1), REGULAR, SMALL, 9.6),
    ("TEXTCOLOR", (0, 0), (-1, -1), INK),
    ("TEXTCOLOR", (0, 0), (-1, 0), MUTED),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
    ("LEFTPADDING", (0, 0), (-1, -1), PAD),
    ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
    ("TOPPADDING", (0, 0), (-1, -1), 2.6),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
    ("BACKGROUND", (0, 0), (-1, 0), SUNKEN),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
]
