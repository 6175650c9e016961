"""How much a change can do harm: a level, and the reasons for it in words."""

from collections.abc import Collection
from dataclasses import dataclass

from liveupdate.control.ruling import RISKS

PRODUCTION = frozenset({"production", "prod"})
MEDIUM_FROM, HIGH_FROM = 2, 4


@dataclass(frozen=True, slots=True)
class Risk:
    """`low`, `medium` or `high`, and what makes it so."""

    level: str
    reasons: tuple[str, ...]


def risk_of(
    environment: str,
    *,
    moves_workload: bool,
    restarts: bool,
    lasting: int,
    consents: Collection[str] = (),
) -> Risk:
    """The risk of a plan on an LPAR of an environment.

    `lasting` counts its steps that cannot be taken back, `consents` are the titles of what the
    requester allows beyond the update.
    """
    weighed = [
        (2, f"It is an LPAR of {environment}.", environment.lower() in PRODUCTION),
        (1, "The workload moves to a surrogate, with a blackout.", moves_workload),
        (2, "A host restarts, and its users are cut off.", restarts),
        (1, f"{lasting} step{'s' * (lasting != 1)} cannot be taken back.", lasting > 0),
        *((1, f"It is allowed to: {title}.", True) for title in consents),
    ]
    holding = [(weight, reason) for weight, reason, holds in weighed if holds]
    total = sum(weight for weight, _ in holding)
    level = (total >= MEDIUM_FROM) + (total >= HIGH_FROM)
    reasons = tuple(reason for _, reason in holding) or ("Nothing is changed that could do harm.",)
    return Risk(RISKS[level], reasons)
