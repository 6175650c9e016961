"""Decide on plans that are equal but for their target: read once, decided one by one."""

from collections.abc import Iterable
from dataclasses import dataclass

from liveupdate.actions.approvals import approve, refusals_entered
from liveupdate.control.likeness import likeness_of
from liveupdate.models import Request
from liveupdate.policies import require_decider, visible_requests
from portal.access.factors import Factor
from portal.access.models import User
from portal.access.step_up import StepUpNeeded
from portal.lib.errors import Conflict, Invalid, PortalError


@dataclass(frozen=True, slots=True)
class Picked:
    """A request as its approver was shown it."""

    request_id: int
    plan_digest: str
    version: int

    @property
    def number(self) -> str:
        """The number that people quote."""
        return Request(pk=self.request_id).number


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one decision of several; `refused` says why there is none."""

    picked: Picked
    refused: str = ""


def approve_alike(
    person: User, read: Picked, picked: Iterable[Picked], comment: str, factor: Factor = Factor.NONE
) -> list[Outcome]:
    """Approve each of the picked plans that is like the one that was read, each in its own transaction.

    Each decision is bound to its own digest and version; what is refused keeps none of the others back.
    `factor` is what the person proved lately that it is them with. Raises NotAllowed for who may not decide
    on the one that was read, StepUpNeeded, and Conflict when its plan is another one.
    """
    with refusals_entered(person, read.request_id, read.plan_digest):
        like = _likeness_of(person, read)
    return [_approve(person, each, comment, like, factor) for each in dict.fromkeys(picked)]


def _likeness_of(person: User, read: Picked) -> str:
    rows = visible_requests(person).select_related("plan", "team")
    request = rows.filter(pk=read.request_id).first()
    if request is None:
        raise Invalid("There is no such request among those you may see.", code="not_found")
    require_decider(person, request)
    if request.plan is None or request.plan.digest != read.plan_digest:
        raise Conflict(
            f"The plan of {read.number} is not the one you were shown. Nothing was decided.",
            remedy="Read the plan as it is now, then decide.",
            code="other_plan",
        )
    return likeness_of(request.plan.document)


def _approve(person: User, each: Picked, comment: str, like: str, factor: Factor) -> Outcome:
    digest, version = each.plan_digest, each.version
    try:
        approve(person, each.request_id, digest, comment, version=version, like=like, factor=factor)
    except StepUpNeeded:
        raise
    except PortalError as refused:
        return Outcome(each, f"{refused.message} {refused.remedy}".strip())
    return Outcome(each)
