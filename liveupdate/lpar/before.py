"""What users had of an LPAR before, as patterns that its commands must print again. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from inventory.facts.aix.lssrc import Subsystem
from inventory.facts.aix.mount import Mount

ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Before:
    """`of` says what was recorded when; `has` maps the name of a sight (`mounts`, `subsystems`, …) to the
    patterns of the lines that were there.
    """

    of: str
    has: Mapping[str, tuple[str, ...]]


def lines_there(sight: str, printed: str) -> tuple[str, ...]:
    """The patterns of the lines that a sight's command printed; of subsystems those that ran."""
    rows = [line.split() for line in printed.splitlines() if line.strip()]
    if sight == "subsystems":
        rows = [row for row in rows if row[-1] == ACTIVE]
    return _once(r"^\s*" + r"\s+".join(re.escape(word) for word in row) + r"\s*$" for row in rows)


def facts_there(mounts: tuple[Mount, ...], subsystems: tuple[Subsystem, ...]) -> dict[str, tuple[str, ...]]:
    """The same of what a look read: mount points with their types, and the subsystems that ran."""
    return {
        "mounts": _once(rf"\s{re.escape(each.mount_point)}\s+{re.escape(each.vfs)}\b" for each in mounts),
        "subsystems": _once(
            rf"^{re.escape(each.name)}\s+{ACTIVE}\s*$" for each in subsystems if each.status == ACTIVE
        ),
    }


def _once(patterns: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(patterns))
