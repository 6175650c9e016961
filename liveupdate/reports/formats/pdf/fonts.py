"""The fonts of a PDF: FiraGO, embedded, so that it looks the same everywhere and for ever."""

import io
from functools import cache

from pymupdf_fonts import myfont
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase.pdfmetrics import getFont, registerFont
from reportlab.pdfbase.ttfonts import TTFont

from portal.lib.text import visible

REGULAR, BOLD, ITALIC = "Report", "Report-Bold", "Report-Italic"
OPEN, CLOSE = "\u2039", "\u203a"
"""Around the number of a character; `visible` takes brackets that the font does not have."""
_BRACKETS = str.maketrans({"⟨": OPEN, "⟩": CLOSE, "\t": " "})
_FILES = {REGULAR: "figo", BOLD: "figbo", ITALIC: "figit"}


@cache
def load_fonts() -> None:
    """Make the fonts known to reportlab, once in a process."""
    for name, key in _FILES.items():
        registerFont(TTFont(name, io.BytesIO(myfont(key))))
    addMapping(REGULAR, 0, 0, REGULAR)
    addMapping(REGULAR, 1, 0, BOLD)
    addMapping(REGULAR, 0, 1, ITALIC)
    addMapping(REGULAR, 1, 1, BOLD)


def printable(text: str) -> str:
    """`text` with what would be obeyed or has no glyph shown by its number: no empty boxes."""
    load_fonts()
    glyphs = getFont(REGULAR).face.charToGlyph
    plain = visible(text).translate(_BRACKETS)
    known = (each == "\n" or ord(each) in glyphs for each in plain)
    pairs = zip(plain, known, strict=True)
    return "".join(each if has_glyph else f"{OPEN}{ord(each):04x}{CLOSE}" for each, has_glyph in pairs)
