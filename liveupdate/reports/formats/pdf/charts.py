"""Charts inked into a PDF."""

from reportlab.graphics.shapes import Circle, Group, Line, PolyLine, Rect, String
from reportlab.graphics.shapes import Drawing as Sheet
from reportlab.pdfbase.pdfmetrics import stringWidth

from liveupdate.reports.formats.drawing import Drawing, series_names
from liveupdate.reports.formats.pdf.fonts import REGULAR, printable
from liveupdate.reports.formats.pdf.styles import BAD, INK, LINE, MUTED, SERIES

TEXT, LEGEND = 11.0, 18.0
TONES = {"tick": MUTED, "value": INK, "mark": BAD}


def chart_of(drawing: Drawing, width: float) -> Sheet:
    """The drawing, as wide as the text."""
    names = series_names(drawing)
    height = drawing.height + (LEGEND if names else 0)
    scale = width / drawing.width
    inked = Group(transform=(scale, 0, 0, -scale, 0, height * scale))
    for rule in drawing.rules:
        ink = {"grid": LINE, "axis": MUTED, "mark": BAD}[rule.kind]
        dashes = [4, 3] if rule.kind == "mark" else None
        line = Line(
            rule.x1, rule.y1, rule.x2, rule.y2, strokeColor=ink, strokeWidth=1, strokeDashArray=dashes
        )
        inked.add(line)
    for bar in drawing.bars:
        ink = SERIES[bar.series % len(SERIES)]
        inked.add(Rect(bar.x, bar.y, bar.width, bar.height, fillColor=ink, strokeColor=None, rx=1, ry=1))
    for path in drawing.paths:
        ink = SERIES[path.series % len(SERIES)]
        flat = [place for point in path.points for place in point]
        inked.add(PolyLine(flat, strokeColor=ink, strokeWidth=2))
        for x, y in path.points:
            inked.add(Circle(x, y, 3, fillColor=ink, strokeColor=None))
    sheet = Sheet(width, height * scale)
    sheet.add(inked)
    for word in drawing.words:
        place = word.x * scale, (height - word.y) * scale
        sheet.add(_text(place, word.text, word.anchor, TONES[word.kind], scale))
    x = 0.0
    for number, name in names:
        side = 9 * scale
        sheet.add(Rect(x, 3 * scale, side, side, fillColor=SERIES[number % len(SERIES)], strokeColor=None))
        sheet.add(_text((x + 13 * scale, 4 * scale), name, "start", INK, scale))
        x += 30 * scale + float(stringWidth(printable(name), REGULAR, TEXT * scale))
    return sheet


def _text(place: tuple[float, float], text: str, anchor: str, ink: object, scale: float) -> String:
    look = {"textAnchor": anchor, "fontName": REGULAR, "fontSize": TEXT * scale, "fillColor": ink}
    return String(*place, printable(text), **look)
