"""Text that hosts sent, made safe to look at."""

import re
from collections.abc import Iterable

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""Controls, and what Unicode calls default ignorable: it leaves no mark, so that two texts look like one.

The selectors that make a sign an emoji (U+FE00 to U+FE0F) are left: they show.
"""


def visible(text: str) -> str:
    """`text` with every control, direction and invisible character shown by its number (threat T10).

    Escape becomes `⟨1b⟩`, right-to-left override `⟨202e⟩`. Tabs and line feeds stay; carriage returns
    before a line feed go, because terminals add them.
    """
    return _HIDDEN.sub(lambda found: f"⟨{ord(found.group()):02x}⟩", text.replace("\r\n", "\n"))


def some_of(names: Iterable[str], most: int = 5) -> str:
    """Each name once, in order, for a sentence: `a, b, c, d, e and 7 more`."""
    told = sorted(set(names))
    return ", ".join(told[:most]) + (f" and {len(told) - most} more" if len(told) > most else "")
