"""A request with its plan, as requester and approver read it before they decide."""

from typing import Any

from inventory.actions.facts import stored_facts
from liveupdate.lpar.consents import CONSENT_TITLES, Consent
from liveupdate.lpar.lvupdate_data import PATH
from liveupdate.lpar.lvupdate_review import Review, review
from liveupdate.models import Request
from liveupdate.pages.comparison import beside_canaries, comparison_of, marks_of, to_compare_with
from liveupdate.pages.conversation import conversation_on, decided
from liveupdate.pages.diagnosis import failure_of
from liveupdate.pages.drift import drift_of
from liveupdate.pages.findings import findings_of
from liveupdate.pages.forms import (
    ApproveForm,
    ChangeForm,
    CommentForm,
    DigestForm,
    ReasonForm,
    RejectForm,
    UrgentForm,
)
from liveupdate.pages.ladder import shown_ladder
from liveupdate.pages.locks import lock_rows
from liveupdate.pages.plan import counts_of, phases_of
from liveupdate.pages.proofs import blackouts_on, last_failure, missing_proofs, preview_of, way_back
from liveupdate.policies import (
    EDITABLE,
    has_voice,
    may_request,
    sees_team,
    why_not_decide,
)
from liveupdate.procedures import step as words
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import WriteFile
from liveupdate.records.calendar_fit import outlook_of
from liveupdate.records.ladders import Standing, standing_of
from liveupdate.records.subjects import subject_of_request
from liveupdate.states import DECIDABLE, REQUEST_MOVES, RequestState
from portal.access.models import User
from portal.access.policies import roles
from portal.access.roles import Role
from portal.lib.clock import now

RELATED = (
    *("lpar__host", "lpar__managed_system", "lpar__hmc__host", "lpar__nim_master__host"),
    *("team", "requester", "last_editor", "plan", "policy", "template", "campaign_target__campaign"),
)
"""What a review reads of its request."""
UNDECIDED = {RequestState.SUBMITTED, RequestState.APPROVED}
REVIEWED = {RequestState.PLANNED, RequestState.SUBMITTED, RequestState.APPROVED}


def review_of(person: User, request: Request, against: str = "") -> dict[str, Any]:
    """Everything a decision rests on, for the templates; `against` is the id of a plan to compare with."""
    standing = standing_of(request)
    return {
        "asked": request,
        "sees_team": sees_team(person, request.team),
        "plan": request.plan,
        "findings": findings_of(request.findings, request.consents),
        "run": getattr(request, "run", None),
        "failure": failure_of(getattr(request, "run", None)),
        "ladder": shown_ladder(standing) if request.plan else None,
        "now": now(),
        "said": said_in(request),
        "consents": [CONSENT_TITLES[Consent(name)] for name in request.consents],
        "conversation": conversation_on(request),
        "drift": drift_of(request),
        "unproven": missing_proofs(request, now()),
        "locks": lock_rows(person, request.lpar, besides=request.pk) if request.waits else [],
        "window_length": request.ends_at - request.starts_at,
        "comment_form": CommentForm() if has_voice(person, request) else None,
        **_of_plan(person, request, against),
        **_offers(person, request, standing),
    }


def _of_plan(person: User, request: Request, against: str) -> dict[str, Any]:
    row = request.plan
    if row is None:
        return {}
    plan = read_plan(row.document)
    comparison = comparison_of(person, row, against)
    phases = phases_of(plan, marks_of(comparison))
    moves = request.procedure in PROCEDURES and PROCEDURES[request.procedure].moves_workload
    reviewed = request.state in REVIEWED
    return {
        "phases": phases,
        "counts": counts_of(phases),
        "warnings": plan.warnings,
        "comparison": comparison,
        "others": to_compare_with(person, row),
        "canaries": beside_canaries(person, row),
        "decisions": [decided(each) for each in row.approvals.select_related("person")],
        "outlook": outlook_of(request) if reviewed else None,
        "way_back": way_back(request, plan) if reviewed else None,
        "preview": preview_of(request, plan) if reviewed else None,
        "blackouts": blackouts_on(request) if reviewed and moves else "",
        "failed_before": last_failure(request) if reviewed else None,
        "data_file": _data_file(request, plan) if reviewed else None,
    }


def said_in(request: Request) -> list[tuple[str, str]]:
    """What was said for everything that the procedure asks for, with its label."""
    given = {"media": request.media, "target_level": request.target_level, **request.choices}
    asks = PROCEDURES[request.procedure].asks if request.procedure in PROCEDURES else ()
    return [(ask.label, given[ask.name]) for ask in asks if given.get(ask.name)]


def _data_file(request: Request, plan: words.Plan) -> Review | None:
    """The lvupdate.data that the LPAR has, beside the one that the request's plan writes."""
    planned = (step.action for step in plan.steps)
    written = (file.content for file in planned if isinstance(file, WriteFile) and file.path == PATH)
    content = next(written, None)
    if content is None:
        return None
    return review(subject_of_request(request, stored_facts(request.lpar)), content)


def _offers(person: User, request: Request, standing: Standing) -> dict[str, Any]:
    """What this person may do with the request now, and why not where somebody might expect it."""
    state = RequestState(request.state)
    mine = may_request(person, request.team)
    why_not = why_not_decide(person, request, standing)
    digest = {"plan_digest": request.plan.digest} if request.plan else {}
    shown = {**digest, "version": request.version}
    decidable = state is RequestState.SUBMITTED or (state in DECIDABLE and standing.ladder.missing > 0)
    decides = decidable and not why_not
    own = any(approval.person_id == person.pk for approval in standing.counted())
    urgent = mine and state is RequestState.PLANNED and Role.EMERGENCY in roles(person, request.team)
    return {
        "why_not": why_not if decidable else "",
        "submit_form": DigestForm(initial=digest) if mine and state is RequestState.PLANNED else None,
        "approve_form": ApproveForm(initial=shown) if decides else None,
        "change_form": ChangeForm(initial=shown) if decides and state is RequestState.SUBMITTED else None,
        "reject_form": RejectForm(initial=shown) if decides else None,
        "withdraw_form": ReasonForm() if mine and RequestState.WITHDRAWN in REQUEST_MOVES[state] else None,
        "take_back_form": ReasonForm() if own and state in UNDECIDED else None,
        "urgent_form": UrgentForm(initial=digest) if urgent else None,
        "may_edit": mine and state in EDITABLE,
    }
