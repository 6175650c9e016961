"""`errpt -a`: the entries of the error log in full."""

import re

from inventory.facts.base import HostKind, Output, Unparsable
from inventory.facts.text import answer, filled
from inventory.formats.base import plain
from inventory.formats.tables import Row, snake

_RULER = re.compile(r"-{60,}")
_PAIR = re.compile(r"([A-Z][A-Za-z/ ]*?)\s*:\s*(.*)")
_NEEDED = ("label", "identifier", "sequence_number", "class", "type", "resource_name", "description")


def parse(output: Output) -> list[Row]:
    """One record per entry: its labels in small letters, `description` and the lines of `detail`.

    Every line counts, those too that `wall` would write.
    """
    answer(output, "errpt -a", closed="-{60,}")
    lines = filled([line.rstrip() for line in output.stdout.split("\n")])
    entries: list[list[str]] = []
    for line in lines:
        if _RULER.fullmatch(line):
            entries.append([])
        elif entries:
            entries[-1].append(line)
        else:
            raise Unparsable("not the beginning of an entry", line)
    return [_entry(entry) for entry in entries if entry]


def _entry(lines: list[str]) -> Row:
    entry: Row = {}
    for place, line in enumerate(lines):
        if line.strip() == "Description":
            entry["description"] = lines[place + 1].strip() if place + 1 < len(lines) else ""
            entry["detail"] = [each.strip() for each in lines[place + 2 :]]
            break
        pair = _PAIR.fullmatch(line.strip())
        if pair:
            entry[snake(pair[1])] = pair[2]
        elif not line.startswith(" "):
            raise Unparsable("not a label of an entry", line)
    for name in _NEEDED:
        if not entry.get(name):
            raise Unparsable(f"an entry without {name.replace('_', ' ')}", lines[0])
    return entry


ERRPT_DETAIL = plain(
    "errpt_detail",
    HostKind.LPAR,
    *(
        "errpt -a",
        "errpt -aj <identifier>",
        "errpt -aN <resource>",
        "errpt -as <from>",
        "errpt -al <sequence>",
    ),
    parse=parse,
)
