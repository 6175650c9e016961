"""The ladder of decisions as pages show it: who decided, when, for whom, and what is still missing."""

from dataclasses import dataclass

from liveupdate.control.policy import wanted
from liveupdate.control.ruling import Counted
from liveupdate.models import Approval
from liveupdate.records.ladders import Standing
from liveupdate.records.terms import Terms
from portal.access.models import User


@dataclass(frozen=True, slots=True)
class Step:
    """A decision that counts: the row with person, time and comment, and what is worth knowing of it."""

    approval: Approval
    note: str


@dataclass(frozen=True, slots=True)
class ShownRung:
    """A stage: what it wants in words, who decided, how many are missing, whether it is its turn."""

    title: str
    steps: list[Step]
    missing: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class ShownLadder:
    """Everything about the decisions on a plan. `able` decide now; `dropped` counted once, with the reason.

    `refused` are people with a role in it who may not decide, each with why.
    """

    terms: Terms
    rungs: list[ShownRung]
    able: list[tuple[User, User | None]]
    refused: list[tuple[User, str]]
    dropped: list[tuple[User, str]]
    missing: int
    carried: bool


def shown_ladder(standing: Standing) -> ShownLadder:
    """The ladder of a request (`records.ladders.standing_of`)."""
    ladder, users = standing.ladder, standing.deciders.users
    answers = standing.able()
    return ShownLadder(
        terms=standing.terms,
        rungs=[
            ShownRung(
                wanted(rung.stage, rung.stage["count"]),
                [_step(standing, each) for each in rung.counted],
                rung.missing,
                index == ladder.open_stage,
            )
            for index, rung in enumerate(ladder.rungs)
        ],
        able=[(one, users.get(answer.giver)) for one, answer in answers if answer.refusal is None],
        refused=[(one, answer.refusal.about) for one, answer in answers if answer.refusal],
        dropped=[
            (users[each["person"]], why.about) for each, why in ladder.dropped if each["person"] in users
        ],
        missing=ladder.missing,
        carried=ladder.carried,
    )


def _step(standing: Standing, counted: Counted) -> Step:
    return Step(standing.approvals[counted.decision["id"]], counted.note)
