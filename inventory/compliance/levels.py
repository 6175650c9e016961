"""Is a level as high as its baseline asks, and if not, since when is that late?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from inventory.facts.level import Level


class Compliance(StrEnum):
    """How an LPAR stands to the baselines that apply to it, the worst first."""

    OVERDUE = "overdue"
    UNKNOWN = "compliance_unknown"
    BEHIND = "behind"
    EXCEPTED = "excepted"
    COMPLIANT = "compliant"
    NO_BASELINE = "no_baseline"


@dataclass(frozen=True, slots=True)
class Minimum:
    """What a baseline asks: at least this level, by the end of this day. Open parts mean *any*."""

    name: str
    level: Level
    due_on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """The judgement on one LPAR, with the sentence that explains it."""

    compliance: Compliance
    reason: str


def judge_level(
    level: str, minimums: Iterable[Minimum], *, stale: str = "", exception: str = "", today: date
) -> Standing:
    """Compare an LPAR's level (`oslevel -s`; empty: never read) with the minimums that apply to it.

    `stale` says why the level counts no longer, `exception` names the exception that stands, both
    empty otherwise. Levels compare by release, technology level, service pack and week together: a
    newer release is above every level of an older one, whatever the weeks say.
    """
    asked = list(minimums)
    if not asked:
        return Standing(Compliance.NO_BASELINE, "No baseline applies.")
    if stale or not level:
        return Standing(Compliance.UNKNOWN, stale or "The level was never read.")
    try:
        found = Level.parse(level)
    except ValueError as error:
        return Standing(Compliance.UNKNOWN, str(error))
    unmet = [minimum for minimum in asked if found < minimum.level]
    if not unmet:
        return Standing(Compliance.COMPLIANT, f"{level} is at or above {_names(asked)}.")
    if exception:
        return Standing(Compliance.EXCEPTED, f"{level} is below {_names(unmet)}. {exception}")
    first = min(unmet, key=lambda minimum: minimum.due_on)
    late = first.due_on < today
    when = f"was due on {first.due_on}" if late else f"is due on {first.due_on}"
    return Standing(
        Compliance.OVERDUE if late else Compliance.BEHIND,
        f"{level} is below {_names(unmet)}, which {when}.{_migration(found, first)}",
    )


def _names(minimums: Iterable[Minimum]) -> str:
    return ", ".join(f"{minimum.level} ({minimum.name})" for minimum in minimums)


def _migration(found: Level, minimum: Minimum) -> str:
    if found.same_release(minimum.level):
        return ""
    return " That is another release: it needs a migration, which Live Update cannot do."
