"""What speaks against going on with a campaign, told from how its runs went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from inventory.facts.error_log import ErrorEntry
from liveupdate.states import RunState, Signal

GOOD = frozenset({RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE})


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks against going on, in words."""

    signal: Signal
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run went. `blackout_s` counts also while it lasts; `lost_for` is how long contact has been lost.

    `errors_…` are the permanent errors of the error log before and after, None where they were not recorded.
    """

    lpar: str
    state: RunState
    blackout_s: float | None = None
    level_after: str = ""
    errors_before: Sequence[ErrorEntry] | None = None
    errors_after: Sequence[ErrorEntry] | None = None
    lost_for: timedelta | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a campaign bears: seconds of blackout (0: any), minutes without contact, the level afterwards."""

    blackout_s: int
    contact_minutes: int
    level: str


def signs_of(run: Outcome, bounds: Bounds) -> list[Sign]:
    """Everything about one run that speaks against going on."""
    found = []
    if run.state in (RunState.FAILED, RunState.ABORTED, RunState.REFUSED):
        found.append(Sign(Signal.FAILURE, f"{run.lpar} ended as {run.state.value}. {run.outcome}".strip()))
    if bounds.blackout_s and run.blackout_s is not None and run.blackout_s > bounds.blackout_s:
        found.append(
            Sign(
                Signal.BLACKOUT,
                f"The blackout of {run.lpar} took {run.blackout_s:.1f} s; the budget is {bounds.blackout_s}.",
            )
        )
    if run.state in GOOD and run.level_after and bounds.level and run.level_after != bounds.level:
        found.append(
            Sign(
                Signal.LEVEL, f"{run.lpar} is at {run.level_after} afterwards, where {bounds.level} was due."
            )
        )
    if run.lost_for is not None and run.lost_for > timedelta(minutes=bounds.contact_minutes):
        minutes = int(run.lost_for.total_seconds() // 60)
        found.append(Sign(Signal.CONTACT_LOST, f"{run.lpar} has been out of contact for {minutes} minutes."))
    return [*found, *_new_errors(run)]


def _new_errors(run: Outcome) -> list[Sign]:
    """Permanent errors, of hardware or software, that stand in the error log only afterwards."""
    if run.errors_before is None or run.errors_after is None:
        return []
    known = set(run.errors_before)
    new = [entry for entry in run.errors_after if entry not in known]
    if not new:
        return []
    first, kind = new[0], {"H": "hardware", "S": "software"}.get(new[0].error_class, "other")
    more = f", and {len(new) - 1} more" if len(new) > 1 else ""
    said = f"{first.identifier} {first.timestamp} {first.resource} {first.description}".strip()
    return [
        Sign(
            Signal.ERROR_LOG,
            f"The error log of {run.lpar} has a permanent {kind} error since the update: {said}{more}.",
        )
    ]
