"""AIX levels and fileset versions, and the only right ways to compare them."""

import re
from dataclasses import dataclass

_LEVEL = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})(?:-([0-9]{4}))?)?")
_VRMF = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,5}){3}")

UNSPECIFIED = -1


@dataclass(frozen=True, slots=True, order=True)
class Level:
    """An AIX level `VVRR-TL-SP-YYWW` as `oslevel -s` prints it, e.g. `7200-05-03-2148`.

    `version` is VVRR (7200 = AIX 7.2), `tl` the technology level, `sp` the service pack, `week` the
    two-digit year and week of its build. A part that is not named is `UNSPECIFIED` and sorts first.
    All parts count: a service pack can be re-issued with another week.
    """

    version: int
    tl: int
    sp: int = UNSPECIFIED
    week: int = UNSPECIFIED

    @classmethod
    def parse(cls, text: str) -> "Level":
        """Read a level; `7200-05` and `7200-05-03` leave parts open. Raises ValueError."""
        match = _LEVEL.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not an AIX level such as 7200-05-03-2148.")
        return cls(*(UNSPECIFIED if part is None else int(part) for part in match.groups()))

    @property
    def text(self) -> str:
        """The level as AIX writes it."""
        parts = [f"{self.version:04d}", f"{self.tl:02d}"]
        if self.sp != UNSPECIFIED:
            parts.append(f"{self.sp:02d}")
        if self.week != UNSPECIFIED:
            parts.append(f"{self.week:04d}")
        return "-".join(parts)

    def __str__(self) -> str:
        return self.text

    @property
    def is_complete(self) -> bool:
        """Whether service pack and week are named."""
        return UNSPECIFIED not in (self.sp, self.week)

    def same_release(self, other: "Level") -> bool:
        """Whether both are levels of one release (AIX 7.2, AIX 7.3); Live Update never crosses it."""
        return self.version == other.version

    def matches(self, asked: "Level") -> bool:
        """Whether this level is the one asked for, as far as that one is specified."""
        pairs = ((self.tl, asked.tl), (self.sp, asked.sp), (self.week, asked.week))
        return self.version == asked.version and all(a in (UNSPECIFIED, mine) for mine, a in pairs)


def vrmf(text: str) -> tuple[int, int, int, int]:
    """A fileset version `V.R.M.F` as numbers, so that 7.2.5.106 is above 7.2.5.11.

    Raises ValueError for anything else, RPM versions included.
    """
    if _VRMF.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a fileset version such as 7.2.5.106.")
    version, release, modification, fix = (int(part) for part in text.split("."))
    return version, release, modification, fix
