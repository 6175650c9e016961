"""States and the only moves between them."""

from enum import StrEnum

from portal.lib.errors import Conflict


class RequestState(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    PLANNING = "planning"
    PLANNED = "planned"
    BLOCKED = "blocked"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    STARTED = "started"
    FINISHED = "finished"


class RunState(StrEnum):
    """Where a run stands; `CONTACT_LOST` is unknown, never rounded to failed or succeeded."""

    QUEUED = "queued"
    RUNNING = "running"
    CONTACT_LOST = "contact_lost"
    RESTORING = "restoring"
    NEEDS_PERSON = "needs_person"
    SUCCEEDED = "succeeded"
    SUCCEEDED_WITH_RESIDUE = "succeeded_with_residue"
    FAILED = "failed"
    ABORTED = "aborted"
    REFUSED = "refused"


class StepState(StrEnum):
    """Where one step of a run stands."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class StepPart(StrEnum):
    """The part of its plan that a step belongs to."""

    STEPS = "steps"
    BRANCH = "branch"
    FAILURE = "failure"
    RESTORATION = "restoration"


class LparState(StrEnum):
    """Where Live Update left an LPAR (handbook 1.4), seen from outside; `UNKNOWN` is never rounded.

    A word that is none of these, as another version of the portal may have stored it, is `UNKNOWN`.
    """

    IDLE = "idle"
    UPDATED_NOT_ACTIVE = "updated_not_active"
    UPDATING = "updating"
    FAILED_CLEAN = "failed_clean"
    FAILED_DIRTY = "failed_dirty"
    FAILED_DIRTY_REBOOTED = "failed_dirty_rebooted"
    MOVED_DIRTY = "moved_dirty"
    DONE = "done"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "LparState":
        return cls.UNKNOWN


class Verdict(StrEnum):
    """What readiness says of an LPAR for one procedure."""

    READY = "ready"
    READY_WITH_ACTIONS = "ready_with_actions"
    NOT_POSSIBLE = "not_possible"
    UNKNOWN = "unknown"


class CampaignState(StrEnum):
    """Where a campaign stands; halted, nothing more begins, and what runs goes on to its end."""

    DRAFT = "draft"
    PLANNED = "planned"
    RUNNING = "running"
    HALTED = "halted"
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"


class WaveState(StrEnum):
    """Where a wave of a campaign stands, by the runs of its LPARs."""

    PENDING = "pending"
    RUNNING = "running"
    FINISHED = "finished"


class Signal(StrEnum):
    """What speaks against going on with a campaign."""

    FAILURE = "failure"
    BLACKOUT = "blackout"
    ERROR_LOG = "error_log"
    DRIFT = "drift"
    CONTACT_LOST = "contact_lost"
    LEVEL = "level"
    PERSON = "person"


R = RequestState
REQUEST_MOVES: dict[RequestState, frozenset[RequestState]] = {
    R.DRAFT: frozenset({R.PLANNING, R.WITHDRAWN}),
    R.PLANNING: frozenset({R.PLANNED, R.BLOCKED, R.DRAFT, R.WITHDRAWN}),
    R.PLANNED: frozenset({R.PLANNING, R.DRAFT, R.SUBMITTED, R.WITHDRAWN}),
    R.BLOCKED: frozenset({R.PLANNING, R.DRAFT, R.WITHDRAWN}),
    R.SUBMITTED: frozenset({R.APPROVED, R.REJECTED, R.DRAFT, R.PLANNING, R.WITHDRAWN, R.EXPIRED}),
    R.APPROVED: frozenset({R.STARTED, R.SUBMITTED, R.DRAFT, R.PLANNING, R.WITHDRAWN, R.EXPIRED}),
    R.REJECTED: frozenset({R.DRAFT}),
    R.WITHDRAWN: frozenset(),
    R.EXPIRED: frozenset({R.DRAFT}),
    R.STARTED: frozenset({R.FINISHED}),
    R.FINISHED: frozenset(),
}

DECIDABLE = (R.SUBMITTED, R.APPROVED, R.STARTED)
"""Where a decision may be missing: approvals can fall away, and an emergency starts with one fewer."""

S = RunState
RUN_MOVES: dict[RunState, frozenset[RunState]] = {
    S.QUEUED: frozenset({S.RUNNING, S.REFUSED, S.ABORTED}),
    S.RUNNING: frozenset(
        {
            S.CONTACT_LOST,
            S.RESTORING,
            S.NEEDS_PERSON,
            S.SUCCEEDED,
            S.SUCCEEDED_WITH_RESIDUE,
            S.FAILED,
            S.ABORTED,
        }
    ),
    S.CONTACT_LOST: frozenset({S.RUNNING, S.RESTORING, S.NEEDS_PERSON}),
    S.RESTORING: frozenset(
        {S.CONTACT_LOST, S.NEEDS_PERSON, S.SUCCEEDED, S.SUCCEEDED_WITH_RESIDUE, S.FAILED, S.ABORTED}
    ),
    S.NEEDS_PERSON: frozenset({S.RUNNING, S.RESTORING, S.FAILED, S.ABORTED}),
    S.SUCCEEDED: frozenset(),
    S.SUCCEEDED_WITH_RESIDUE: frozenset(),
    S.FAILED: frozenset(),
    S.ABORTED: frozenset(),
    S.REFUSED: frozenset(),
}

C = CampaignState
CAMPAIGN_MOVES: dict[CampaignState, frozenset[CampaignState]] = {
    C.DRAFT: frozenset({C.PLANNED, C.WITHDRAWN}),
    C.PLANNED: frozenset({C.RUNNING, C.WITHDRAWN}),
    C.RUNNING: frozenset({C.HALTED, C.FINISHED, C.WITHDRAWN}),
    C.HALTED: frozenset({C.RUNNING, C.WITHDRAWN}),
    C.FINISHED: frozenset(),
    C.WITHDRAWN: frozenset(),
}

RUN_TERMINAL = frozenset(state for state, moves in RUN_MOVES.items() if not moves)
RUN_LIVE = frozenset(RunState) - RUN_TERMINAL
REQUEST_TERMINAL = frozenset(state for state, moves in REQUEST_MOVES.items() if not moves)
CAMPAIGN_OPEN = frozenset(state for state, moves in CAMPAIGN_MOVES.items() if moves)


def check_request_move(old: RequestState, new: RequestState) -> None:
    """Raise Conflict unless a request may go from `old` to `new`."""
    if new not in REQUEST_MOVES[old]:
        raise Conflict(f"A request that is {old.value} cannot become {new.value}.", code="illegal_move")


def check_run_move(old: RunState, new: RunState) -> None:
    """Raise Conflict unless a run may go from `old` to `new`."""
    if new not in RUN_MOVES[old]:
        raise Conflict(f"A run that is {old.value} cannot become {new.value}.", code="illegal_move")


def check_campaign_move(old: CampaignState, new: CampaignState) -> None:
    """Raise Conflict unless a campaign may go from `old` to `new`."""
    if new not in CAMPAIGN_MOVES[old]:
        raise Conflict(f"A campaign that is {old.value} cannot become {new.value}.", code="illegal_move")
