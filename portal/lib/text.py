"""Text that hosts sent, made safe to look at."""

import re
from collections.abc import Iterable

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)


def visible(text: str) -> str:
    """`text` with every control and direction character shown by its number instead of obeyed (threat T10).

    Escape becomes `⟨1b⟩`, right-to-left override `⟨202e⟩`. Tabs and line feeds stay; carriage returns
    before a line feed go, because terminals add them.
    """
    return _HIDDEN.sub(lambda found: f"⟨{ord(found.group()):02x}⟩", text.replace("\r\n", "\n"))


def some_of(names: Iterable[str], most: int = 5) -> str:
    """Each name once, in order, for a sentence: `a, b, c, d, e and 7 more`."""
    told = sorted(set(names))
    return ", ".join(told[:most]) + (f" and {len(told) - most} more" if len(told) > most else "")
