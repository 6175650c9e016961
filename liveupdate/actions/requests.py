"""Ask for work on an LPAR, change one's mind, hand it in, take it back."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from inventory.models import Lpar
from inventory.policies import visible_lpars
from liveupdate.actions.emergencies import Urgency, check_urgency, open_emergency
from liveupdate.actions.notices import tell
from liveupdate.control.notices import Occasion
from liveupdate.control.policy import wanted
from liveupdate.control.reachability import unreachable
from liveupdate.dispatch import ring_on_commit
from liveupdate.models import Request
from liveupdate.models.requests import Wished
from liveupdate.offers import why_not
from liveupdate.policies import (
    EDITABLE,
    possible_deciders,
    require_requester,
    visible_requests,
)
from liveupdate.procedures.catalogue import procedure_named
from liveupdate.queries import state_to_go_by
from liveupdate.records.free_slots import why_no_time
from liveupdate.records.ladders import Standing, standing_of
from liveupdate.records.previews import AT_SUBMISSION, why_no_preview
from liveupdate.records.recipients import approvers_of
from liveupdate.records.reservations import release_disks
from liveupdate.records.terms import Terms, terms_now
from liveupdate.states import LparState, RequestState, check_request_move
from portal.access.models import User
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now, rfc3339
from portal.lib.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Wish:
    """What a requester asks for; times are aware, `media` is SERVER:/directory or a directory.

    `choices` is what else the procedure asks for, by the name of the Ask. Media and level count only
    where it asks for them.
    """

    procedure: str
    media: str
    target_level: str
    consents: Collection[str]
    reason: str
    impact: str
    fallback: str
    starts_at: datetime
    ends_at: datetime
    choices: Mapping[str, str] = field(default_factory=dict)

    def said(self) -> dict[str, str]:
        """What is said for each Ask of the procedure, as plans hold it. Raises Invalid."""
        given = {"media": self.media, "target_level": self.target_level, **self.choices}
        asks = {ask.name: ask for ask in procedure_named(self.procedure).asks}
        if strange := [name for name, text in self.choices.items() if text and name not in asks]:
            raise Invalid(
                f"The procedure {self.procedure} does not ask for {', '.join(strange)}.", code="not_asked_for"
            )
        return {name: ask.read(given.get(name, "")) for name, ask in asks.items()}


def create_request(person: User, lpar_id: int, wish: Wish) -> Request:
    """A new request for one LPAR; a worker starts to plan it at once.

    Raises Invalid, NotAllowed.
    """
    lpar = visible_lpars(person).select_related("team").filter(pk=lpar_id).first()
    if lpar is None:
        raise Invalid("There is no such LPAR among those you may see.", code="unknown_name")
    require_requester(person, lpar.team, f"ask for work on {lpar}")
    check_wish(wish)
    _check_state(lpar, wish.procedure)
    _check_time(lpar, wish)
    with transaction.atomic():
        request = Request(lpar=lpar, team=lpar.team, requester=person, last_editor=person)
        fill(request, wish)
        request.state = RequestState.PLANNING
        request.save()
        enter_request(Event.REQUEST_CREATE, request, person)
        ring_on_commit("plan", request.pk)
    return request


def edit_request(person: User, request_id: int, version: int, wish: Wish) -> Request:
    """Change what is asked for. The plan and every decision on it are void; planning starts again.

    Raises Conflict when somebody edited meanwhile or the request has gone too far, NotAllowed.
    """
    check_wish(wish)
    with transaction.atomic():
        request = _locked(person, request_id)
        require_requester(person, request.team, f"edit {request.number}")
        if request.version != version:
            raise Conflict(
                f"{request.number} was edited by {request.last_editor} meanwhile.",
                remedy="Open it again and repeat your change.",
                code="changed_meanwhile",
            )
        if request.state not in EDITABLE:
            raise Conflict(f"A request that is {request.state} cannot be edited.", code="not_editable")
        _check_state(request.lpar, wish.procedure)
        _check_time(request.lpar, wish)
        void_plan(request, Actor.person(person.public_id), "edited")
        fill(request, wish)
        request.last_editor = person
        request.version += 1
        request.save()
        request.editors.add(person)
        enter_request(Event.REQUEST_EDIT, request, person)
        ring_on_commit("plan", request.pk)
    return request


def plan_again(person: User, request_id: int) -> Request:
    """Read the LPAR's facts again and render the plan anew; decisions on the old one are void."""
    with transaction.atomic():
        request = _locked(person, request_id)
        require_requester(person, request.team, f"plan {request.number} again")
        if request.state not in EDITABLE:
            raise Conflict(f"A request that is {request.state} cannot be planned again.", code="not_editable")
        void_plan(request, Actor.person(person.public_id), "planned again")
        request.version += 1
        request.save()
        request.editors.add(person)
        enter_request(Event.REQUEST_EDIT, request, person)
        ring_on_commit("plan", request.pk)
    return request


def submit_request(
    person: User, request_id: int, plan_digest: str, urgency: Urgency | None = None
) -> Request:
    """Hand the plan in for approval: exactly the one whose digest the requester saw.

    The terms of its decision are settled with it: a standard change that matches byte for byte needs no
    decision beyond its template's; an emergency (with its `urgency`) starts with one fewer.
    Raises Conflict when the plan is another one by now, its window is over, or nobody could decide.
    """
    with transaction.atomic():
        request = _locked(person, request_id)
        require_requester(person, request.team, f"submit {request.number}")
        if urgency:
            check_urgency(person, request, urgency)
        if request.state != RequestState.PLANNED:
            raise Conflict(
                f"{request.number} is {request.state}; only what is planned can be handed in.",
                code="not_planned",
            )
        _check_digest(request, plan_digest)
        if request.ends_at <= now():
            raise Conflict(
                f"The change window of {request.number} is over.",
                remedy="Edit it and choose another.",
                code="window_over",
            )
        missing = None if urgency else why_no_preview(request, now(), AT_SUBMISSION)
        if missing:
            raise missing.conflict()
        terms = _settle_terms(request, emergency=urgency is not None)
        standing = standing_of(request, terms=terms)
        _check_reachable(request, standing)
        request.state = RequestState.APPROVED if standing.ladder.startable else RequestState.SUBMITTED
        request.save()
        enter_request(Event.REQUEST_SUBMIT, request, person, terms=terms)
        if urgency:
            open_emergency(person, request, urgency, terms.policy["review_days"])
            _alert(person, request, urgency, possible_deciders(request, standing))
        elif request.state == RequestState.SUBMITTED:
            deciders = possible_deciders(request, standing)
            tell(Occasion.TO_DECIDE, deciders, request, only_while=RequestState.SUBMITTED)
        if request.state == RequestState.APPROVED:
            ring_on_commit("start", request.pk)
    return request


def _alert(person: User, request: Request, urgency: Urgency, deciders: list[User]) -> None:
    """Tell every approver of the team, and whoever else could confirm it, of an emergency."""
    alerted = {one.pk: one for one in [*approvers_of(request.team), *deciders] if one.pk != person.pk}
    why = f"{person}, {urgency.incident}: {urgency.reason}"
    tell(Occasion.EMERGENCY, alerted.values(), request, reasons=[why])


def _settle_terms(request: Request, *, emergency: bool) -> Terms:
    terms, request.policy, request.template = terms_now(request, emergency=emergency)
    request.change, request.environment = terms.change, terms.environment
    request.risk, request.risk_reasons = terms.risk.level, list(terms.risk.reasons)
    return terms


def _check_reachable(request: Request, standing: Standing) -> None:
    """Raise Conflict where not enough people could decide, saying who could not and why."""
    stages = unreachable(standing.case, now().timestamp())
    if not stages:
        return
    needed = ", ".join(wanted(stage, stage["count"]) for stage in stages)
    refused = [f"{one} {answer.refusal.about}" for one, answer in standing.able() if answer.refusal]
    said = f" {'; '.join(refused[:NAMED])}." if refused else ""
    raise Conflict(
        f"Nobody could approve {request.number}: it needs {needed} besides its requester.{said}",
        code="nobody_decides",
        remedy="Ask an administrator to name an approver for the team.",
    )


def withdraw_request(person: User, request_id: int, reason: str) -> Request:
    """Take a request back before it started."""
    with transaction.atomic():
        request = _locked(person, request_id)
        require_requester(person, request.team, f"withdraw {request.number}")
        check_request_move(RequestState(request.state), RequestState.WITHDRAWN)
        request.state = RequestState.WITHDRAWN
        request.state_reason = reason
        request.save()
        release_disks(request)
        enter_request(Event.REQUEST_CANCEL, request, person, reason=reason)
    return request


def _locked(person: User, request_id: int) -> Request:
    """The request under a row lock. Raises Invalid where the person may see none of this number."""
    request = (
        visible_requests(person)
        .select_for_update(of=("self",))
        .select_related("team", "lpar__host", "last_editor", "plan")
        .filter(pk=request_id)
        .first()
    )
    if request is None:
        raise Invalid("There is no such request among those you may see.", code="not_found")
    return request


def _check_digest(request: Request, plan_digest: str) -> None:
    if request.plan is None or request.plan.digest != plan_digest:
        raise Conflict(
            f"The plan of {request.number} is not the one you were shown.",
            remedy="Read the plan as it is now.",
            code="other_plan",
        )


def void_plan(
    request: Request, actor: Actor, reason: str, state: RequestState = RequestState.PLANNING
) -> None:
    """Take the plan away, in the caller's transaction; with it go all decisions on it and its disks.

    The caller saves the request, which is left in `state`.
    """
    if request.plan is not None:
        record(
            Event.PLAN_VOID,
            actor,
            subject_of(request),
            {"plan_digest": request.plan.digest, "reason": reason},
        )
    release_disks(request)
    request.plan = None
    request.state = state
    request.state_reason = reason
    request.held_by, request.held_since = [], None
    request.planning_until = None


def fill(request: Wished, wish: Wish) -> None:
    """Write down what is asked for. Raises Invalid for what the procedure cannot take."""
    said = wish.said()
    request.procedure = wish.procedure
    request.media = said.pop("media", "")
    request.target_level = said.pop("target_level", "")
    request.choices = {name: text for name, text in said.items() if text}
    request.consents = sorted(set(wish.consents))
    request.reason = wish.reason
    request.impact = wish.impact
    request.fallback = wish.fallback
    request.starts_at = wish.starts_at
    request.ends_at = wish.ends_at


def _check_state(lpar: Lpar, procedure: str) -> None:
    """Raise Invalid for what the LPAR's state forbids; one that is not known is looked at when planning."""
    state = state_to_go_by(lpar)
    refused = "" if state is LparState.UNKNOWN else why_not(procedure_named(procedure), state)
    if refused:
        raise Invalid(
            refused,
            code="wrong_state",
            remedy="If that has changed since the facts were read, read them again first.",
        )


def _check_time(lpar: Lpar, wish: Wish) -> None:
    """Raise Invalid for a change window that the calendar leaves no moment to start and finish in."""
    if reason := why_no_time(lpar, wish.procedure, wish.starts_at, wish.ends_at):
        raise Invalid(reason.message, code=reason.code, remedy=reason.remedy)


def check_wish(wish: Wish) -> None:
    """Raise Invalid for a wish without a reason, or with a window that cannot be."""
    if not wish.reason.strip():
        raise Invalid("A request needs a reason.", remedy="Say why this is due.", code="reason_missing")
    wish.said()
    rules: list[tuple[Callable[[], bool], str]] = [
        (lambda: wish.ends_at > wish.starts_at, "The change window ends before it starts."),
        (lambda: wish.ends_at > now(), "The change window lies in the past."),
    ]
    for holds, message in rules:
        if not holds():
            raise Invalid(message, remedy="Choose another window.", code="window_not_possible")


NAMED = 8
"""How many people a refusal names at most."""
ASKING = frozenset({Event.REQUEST_CREATE, Event.REQUEST_EDIT})
"""Entries that hold all that is asked for."""


def asked_in(request: Wished) -> dict[str, Any]:
    """What is asked for, as the ledger holds it."""
    return {
        "procedure": request.procedure,
        "media": request.media,
        "target_level": request.target_level,
        "choices": request.choices,
        "consents": request.consents,
        "reason": request.reason,
        "impact": request.impact,
        "fallback": request.fallback,
        "starts_at": rfc3339(request.starts_at),
        "ends_at": rfc3339(request.ends_at),
    }


def enter_request(
    event: Event, request: Request, person: User, reason: str = "", terms: Terms | None = None
) -> None:
    """Enter what a person does with a request, in the caller's transaction; `terms` when it is handed in."""
    data: dict[str, object] = {"state": str(request.state), "version": request.version}
    if request.plan is not None:
        data["plan_digest"] = request.plan.digest
    if reason:
        data["reason"] = reason
    if event in ASKING:
        data |= asked_in(request)
    if terms:
        data |= terms.data
    record(event, Actor.person(person.public_id), subject_of(request), data)


def subject_of(request: Request) -> dict[str, str | int]:
    """How the ledger names a request."""
    lpar: Lpar = request.lpar
    return {"request": request.number, "lpar": lpar.name, "team": request.team.slug}
