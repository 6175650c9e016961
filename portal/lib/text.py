"""Text that hosts sent, made safe to look at."""

import re

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)


def visible(text: str) -> str:
    """`text` with every control and direction character shown instead of obeyed (threat T10).

    Tabs and line feeds stay, carriage returns before a line feed go (terminals add them); escape
    and its like become their pictures (`\N{SYMBOL FOR ESCAPE}`), others their number (`⟨202e⟩`).
    """
    return _HIDDEN.sub(_picture, text.replace("\r\n", "\n"))


def _picture(found: re.Match[str]) -> str:
    number = ord(found.group())
    if number < 0x20:
        return chr(0x2400 + number)
    return f"⟨{number:02x}⟩"
