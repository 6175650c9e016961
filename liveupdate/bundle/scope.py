"""What a bundle is about: a run, a request, a team or a period, with what decided on it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from liveupdate.models import Request, Run
from portal.access.models import Team
from portal.audit.events import Event
from portal.audit.partial import Wanted, requests_spoken_of
from portal.lib.clock import rfc3339
from portal.lib.errors import Invalid

CONTEXT = (
    Event.USER_CHANGE,
    Event.ROLE_CHANGE,
    Event.LEDGER_REKEY,
    Event.LEDGER_RESTORE,
    Event.LEDGER_PRUNE,
    Event.REDACT_LATE,
    Event.DELEGATION_GIVE,
    Event.DELEGATION_END,
    Event.POLICY_CHANGE,
    Event.TEMPLATE_WRITE,
    Event.TEMPLATE_APPROVE,
    Event.TEMPLATE_END,
)
"""With these a stranger can judge again who was allowed to decide. They name pseudonyms only."""


SIGHTS = (Event.TARGET_SNAPSHOT, Event.OUTSIDE_FOUND, Event.OUTSIDE_EXPLAIN, Event.OUTSIDE_CLOSE)
"""With these a stranger can compare runs with what looks saw, and see what came of the differences."""

RECORDS = (
    *(Event.ACCESS_REVIEW, Event.EXCEPTION_GRANT, Event.EXCEPTION_EXPIRE),
    *(Event.LEDGER_VERIFY, Event.LPAR_CHANGE),
)
"""With these a stranger can count reviews, exceptions, verifications and changes of LPARs that a period's
report rests on, whenever they were entered."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What was asked for (`words`, as the ledger holds it), and the requests that it touches."""

    words: dict[str, str]
    requests: Collection[str]
    begin: datetime | None = None
    end: datetime | None = None
    events: Collection[Event] = field(default=CONTEXT)

    @property
    def wanted(self) -> Wanted:
        """The entries that belong to it."""
        return Wanted(self.requests, self.events, self.begin, self.end)


def scope_of(
    run: int | None, request: str | None, team: str | None, begin: datetime | None, end: datetime | None
) -> Scope:
    """The one thing that was asked for: a run, a request, a team, or a period. Raises Invalid."""
    period = begin is not None or end is not None
    if sum([run is not None, request is not None, team is not None, period]) != 1:
        raise Invalid("Name one thing: a run, a request, a team, or a period.", code="scope_not_possible")
    if run is not None:
        return run_scope(run)
    if request is not None:
        return request_scope(request)
    if team is not None:
        return team_scope(team)
    if begin is None or end is None:
        raise Invalid("A period needs its beginning and its end.", code="period_not_possible")
    return period_scope(begin, end)


def run_scope(run_id: int) -> Scope:
    """One run, with its request. Raises Invalid where there is none."""
    run = Run.objects.select_related("request").filter(pk=run_id).first()
    if run is None:
        raise Invalid(f"There is no run {run_id}.", code="unknown_name")
    return Scope({"run": str(run_id)}, [run.request.number])


def request_scope(number: str) -> Scope:
    """One request with all its runs, by its number (`R-000104` or 104). Raises Invalid."""
    digits = number.upper().removeprefix("R-")
    request = (
        Request.objects.filter(pk=int(digits)).first() if digits.isascii() and digits.isdigit() else None
    )
    if request is None:
        raise Invalid(f"There is no request {number}.", code="unknown_name")
    return Scope({"request": request.number}, [request.number])


def team_scope(slug: str) -> Scope:
    """Every request of a team. Raises Invalid."""
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise Invalid(
            f"There is no team {slug}.",
            remedy="Name it by its short name, as in addresses.",
            code="unknown_name",
        )
    return Scope({"team": slug}, [request.number for request in Request.objects.filter(team=team)])


def period_scope(begin: datetime, end: datetime) -> Scope:
    """Everything that was entered from one moment up to another, and whole requests that it is about.

    Raises Invalid where the end is not after the beginning.
    """
    if end <= begin:
        raise Invalid(
            "The period ends before it begins.",
            remedy="--from is the earlier moment.",
            code="period_not_possible",
        )
    words = {"from": rfc3339(begin), "to": rfc3339(end)}
    return Scope(words, requests_spoken_of(begin, end), begin, end, (*CONTEXT, *SIGHTS, *RECORDS))
