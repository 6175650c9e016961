"""What is asked before a start, in this order: each gate lets an approved request pass, or says why not.

Gates before the look ask what the tables say; no host is troubled while one of them says no, and all that
say no are shown. Gates after it judge the facts that were read for the start; the first no counts.
What must hold in the moment of the start itself is asked once more under its locks (`start_run`).
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from inventory.actions.facts import stored_facts
from inventory.facts.base import FactMissing, FactSet
from liveupdate.actions.planning import drift_of, stands_in_the_way
from liveupdate.control.drift import Drift, Rule, gravest
from liveupdate.control.reasons import Reason
from liveupdate.lpar.capacity import capacity_for
from liveupdate.lpar.state import lpar_state
from liveupdate.models import Request
from liveupdate.offers import refusal
from liveupdate.policies import approvals_hold
from liveupdate.procedures.catalogue import checks_of, procedure_named
from liveupdate.readiness.catalogue import assess
from liveupdate.records.calendar_fit import TO_BEGIN, held_by_calendar
from liveupdate.records.drifts import drifts_of, site_rules
from liveupdate.records.previews import AT_START, why_no_preview
from liveupdate.records.releases import why_held
from liveupdate.records.subjects import subject_of_request
from liveupdate.records.surrogates import why_no_room
from liveupdate.states import LparState, RequestState, Verdict
from portal.audit.guard import ledger_problems
from portal.lib.clock import now
from portal.lib.errors import Conflict

Gate = Callable[[Request, FactSet, datetime], Reason | None]
DRIFT = "drift"
"""The plan is not what the facts give any more: it is void, the request is planned again."""
DRIFT_TO_DECIDE = "drift_to_decide"
"""Facts are others than when the plan was approved: it stays, and one more decision is asked for."""


def calendar_allows(request: Request, facts: FactSet, at: datetime) -> Reason | None:
    """The windows and freezes of its LPAR allow the start, and what it is expected to take fits."""
    return held_by_calendar(request, at, TO_BEGIN)


def preview_proved(request: Request, facts: FactSet, at: datetime) -> Reason | None:
    """A preview of the same plan has succeeded, where the site wants that before a start."""
    return why_no_preview(request, at, AT_START)


def facts_known(request: Request, facts: FactSet, at: datetime) -> Reason | None:
    """What the checks rest on could be read."""
    assessment = assess(subject_of_request(request, facts), checks_of(request.procedure))
    if assessment.verdict is not Verdict.UNKNOWN:
        return None
    problems = [reading.problem for reading in facts.readings.values() if reading.problem]
    problem = problems[0] if problems else "a fact has no usable value."
    return Reason("facts_unknown", f"{request.lpar} cannot be judged now: {problem}")


def state_known(request: Request, facts: FactSet, at: datetime) -> Reason | None:
    """Where Live Update left the LPAR is known; a state that is known and forbids the start is drift."""
    subject = subject_of_request(request, facts)
    if lpar_state(subject).state is not LparState.UNKNOWN or not (refused := refusal(subject)):
        return None
    return Reason("state_unknown", refused)


def plan_stands(request: Request, facts: FactSet, at: datetime) -> Reason | None:
    """The same request still gives the plan that was approved."""
    drift = drift_of(request, facts)
    return Reason(DRIFT, drift) if drift else None


def facts_stand(request: Request, facts: FactSet, at: datetime) -> Reason | None:
    """No fact is so different from what was approved that the rules void the plan or ask for a decision."""
    try:
        found = drifts_of(request, facts)
    except Conflict as altered:
        return Reason(DRIFT, altered.message, altered.remedy)
    rule = gravest(found)
    if rule in (None, Rule.WARN):
        return None
    return Reason(DRIFT if rule is Rule.VOID else DRIFT_TO_DECIDE, drift_sentence(found, rule))


def drift_sentence(found: Sequence[Drift], rule: Rule | None) -> str:
    """What of it a rule speaks of, in words."""
    titles = {name: field.title for name, field in site_rules().fields.items()}
    changed = [f"{titles[drift.field]}: {drift.then} → {drift.now}" for drift in found if drift.rule is rule]
    return f"The LPAR changed since the plan was approved. {'; '.join(changed)}."


def nothing_blocks(request: Request, facts: FactSet, at: datetime) -> Reason | None:
    """No requirement is broken that was met when the plan was made: no way back any more, for one."""
    assessment = assess(subject_of_request(request, facts), checks_of(request.procedure))
    broken = [finding for finding in assessment.findings if stands_in_the_way(finding)]
    if not broken:
        return None
    said = " ".join(f"{finding.check.id}: {finding.outcome.message}" for finding in broken)
    return Reason("not_ready", said, "Cure it on the LPAR, or plan again.")


def room(request: Request, facts: FactSet, at: datetime) -> Reason | None:
    """The managed system has room for the surrogate, where the procedure makes one."""
    if not procedure_named(request.procedure).moves_workload:
        return None
    try:
        capacity = capacity_for(subject_of_request(request, facts))
    except FactMissing as unknown:
        system = request.lpar.managed_system
        return Reason("capacity_unknown", f"The capacity of {system} is not known: {unknown.reason}.")
    return why_no_room(request.lpar_id, capacity)


def campaign_lets_go(request: Request, facts: FactSet, at: datetime) -> Reason | None:
    """The campaign that it belongs to, if any, has released it."""
    return why_held(request)


def quorum(request: Request, facts: FactSet, at: datetime) -> Reason | None:
    """The decisions still carry the plan."""
    try:
        approvals_hold(request)
    except Conflict as lost:
        return Reason(lost.code, lost.message, lost.remedy, link=request.get_absolute_url())
    return None


def ledger_keeps(request: Request, facts: FactSet, at: datetime) -> Reason | None:
    """What it does could be recorded: the ledger takes entries, they get signed, and none was altered."""
    problems = ledger_problems()
    return Reason.of(problems[0]) if problems else None


BEFORE_LOOK: tuple[Gate, ...] = (ledger_keeps, quorum, campaign_lets_go, calendar_allows, preview_proved)
AFTER_LOOK: tuple[Gate, ...] = (facts_known, state_known, plan_stands, facts_stand, room, nothing_blocks)


def why_not_start(request: Request) -> list[Reason]:
    """Why a request does not start now, as the tables say, or as its last attempt to start was told."""
    if request.state != RequestState.APPROVED:
        return [Reason("not_approved", f"{request.number} is {request.state}; only an approved one starts.")]
    return before_look(request, stored_facts(request.lpar), now()) or request.holds


def before_look(request: Request, facts: FactSet, at: datetime) -> list[Reason]:
    """Everything in the tables that keeps a request from its start at this time; `facts` as last read."""
    return [reason for gate in BEFORE_LOOK if (reason := gate(request, facts, at))]


def after_look(request: Request, facts: FactSet, at: datetime) -> Reason | None:
    """The first thing in the facts just read that keeps a request from its start, or None."""
    return next((reason for gate in AFTER_LOOK if (reason := gate(request, facts, at))), None)
