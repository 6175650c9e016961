"""How a campaign goes on: which LPARs may be updated now, and what each of the others waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from liveupdate.control.reasons import Reason


class Stage(StrEnum):
    """How far the request of an LPAR is."""

    NOT_APPROVED = "not_approved"
    APPROVED = "approved"
    UNDER_WAY = "under_way"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    GONE = "gone"


ENDED = frozenset({Stage.SUCCEEDED, Stage.FAILED})
OVER = frozenset({*ENDED, Stage.GONE})
"""Nothing more comes of these."""
BUSY = frozenset({Stage.APPROVED, Stage.UNDER_WAY})
"""A wave with one of these is not over."""
WORDS = {
    Stage.NOT_APPROVED: "is not approved",
    Stage.APPROVED: "has not begun",
    Stage.UNDER_WAY: "is under way",
    Stage.FAILED: "failed",
    Stage.GONE: "was withdrawn",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one LPAR of a campaign stands; `ended_at` is when its run ended."""

    name: str
    wave: int
    canary: bool
    stage: Stage
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rollout:
    """The LPARs whose requests may start now, and why the others may not, by name."""

    released: frozenset[str]
    holds: Mapping[str, Reason]
    finished: bool


def rollout(standings: Sequence[Standing], soak: timedelta, at: datetime) -> Rollout:
    """What may go at this time: every wave up to the first that is not over, if the soak before it is.

    A canary that is not approved holds all waves after its own; any other LPAR holds only itself.
    """
    holds: dict[str, Reason] = {}
    released: set[str] = set()
    hold: Reason | None = None
    for number in sorted({each.wave for each in standings}):
        wave = [each for each in standings if each.wave == number]
        if hold is None:
            before = [each for each in standings if each.wave < number]
            hold = _soaking(number, before, soak, at)
        for each in wave:
            if each.stage in OVER:
                continue
            if hold is not None:
                holds[each.name] = hold
            elif each.stage is Stage.NOT_APPROVED:
                holds[each.name] = Reason(
                    "not_approved", "Its request is not approved.", "It holds only itself up."
                )
            else:
                released.add(each.name)
        if hold is None:
            hold = _not_over(number, wave)
    return Rollout(frozenset(released), holds, all(each.stage in OVER for each in standings))


def _soaking(number: int, before: Sequence[Standing], soak: timedelta, at: datetime) -> Reason | None:
    """The wait after the last run that ended before this wave."""
    ends = [each.ended_at for each in before if each.ended_at is not None]
    until = max(ends) + soak if ends else at
    if until <= at:
        return None
    whose = "the canary's" if any(each.canary for each in before if each.wave == number - 1) else "the"
    return Reason(
        "soak", f"Wave {number} waits for {whose} soak until {until:%Y-%m-%d %H:%M:%S} UTC.", until=until
    )


def _not_over(number: int, wave: Sequence[Standing]) -> Reason | None:
    """Why the waves after this one wait for it; None when they need not."""
    canaries = [each for each in wave if each.canary]
    open_ones = [each for each in canaries if each.stage not in OVER]
    open_ones += [each for each in wave if not each.canary and each.stage in BUSY]
    if open_ones:
        first, more = open_ones[0], len(open_ones) - 1
        who = f"the canary {first.name}" if first.canary else first.name
        others = f", and {more} more" if more else ""
        return Reason(
            "wave_before", f"Wave {number + 1} waits for wave {number}: {who} {WORDS[first.stage]}{others}."
        )
    if canaries and not any(each.stage is Stage.SUCCEEDED for each in canaries):
        return Reason(
            "no_canary",
            f"Wave {number + 1} waits for a canary that has succeeded; none of wave {number} has.",
            "Withdraw the campaign and begin one with other canaries.",
        )
    return None
