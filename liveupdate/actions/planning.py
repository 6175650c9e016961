"""Render the plan of a request from fresh facts; freeze it with its digest."""

from django.db import transaction

from inventory.disk_identity import identities
from inventory.facts.base import FactSet
from inventory.models import Lpar
from liveupdate.actions.errands import free, held
from liveupdate.actions.looks import look_at, lpar_with_hosts
from liveupdate.actions.requests import subject_of
from liveupdate.control.likeness import likeness_of
from liveupdate.lpar.subject import Subject
from liveupdate.models import Plan, Request
from liveupdate.offers import refusal
from liveupdate.procedures import step as words
from liveupdate.procedures.accounts import with_accounts
from liveupdate.procedures.catalogue import CannotPlan, checks_of, procedure_named, render, summary
from liveupdate.procedures.document import read_plan
from liveupdate.readiness.base import Finding, FindingState
from liveupdate.readiness.catalogue import Assessment, assess
from liveupdate.records.drifts import basis_digest, basis_now
from liveupdate.records.finding_document import finding_document
from liveupdate.records.package_places import also_read
from liveupdate.records.reservations import SPARE, DisksHeld, Wanted, hold_disks, wanted_disks
from liveupdate.records.subjects import plan_hosts, subject_of_request
from liveupdate.states import RequestState, Verdict
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.canonical import canonical_json, digest

RACES = 3
"""How often a plan is rendered anew when another one takes its disks in the same moment."""
PLANNING_BROKE = "The portal itself failed while it planned. The worker's log says why; then plan again."


def waiting_plans() -> list[int]:
    """Requests that want a plan and nobody renders it."""
    waiting = Request.objects.filter(free("planning_until"), state=RequestState.PLANNING)
    return list(waiting.values_list("pk", flat=True))


def do_plan(request_id: int, worker: str) -> None:
    """Plan a request if it still waits for that; of several workers one does it.

    An edit meanwhile makes the result void: the request then waits for its plan again.
    """
    waiting = Request.objects.filter(pk=request_id, state=RequestState.PLANNING)
    with held(waiting, "planning_until") as is_mine:
        if is_mine:
            _plan_or_say(request_id, Actor.worker(worker))


def _plan_or_say(request_id: int, actor: Actor) -> None:
    request = Request.objects.select_related("team", "requester").get(pk=request_id)
    try:
        _plan(request, actor)
    except Exception:
        waiting = Request.objects.filter(pk=request_id, version=request.version, state=RequestState.PLANNING)
        waiting.update(state=RequestState.BLOCKED, planning_until=None, state_reason=PLANNING_BROKE)
        raise


def _plan(request: Request, actor: Actor) -> None:
    request.lpar = lpar_with_hosts(request.lpar_id)
    facts, _ = look_at(request.lpar, actor, also_read(request))
    reason = ""
    for _ in range(RACES):
        try:
            _render_and_keep(request, facts, actor)
        except DisksHeld as taken:
            reason = f"{taken.message} {taken.remedy}"
        else:
            return
    waiting = Request.objects.filter(pk=request.pk, version=request.version, state=RequestState.PLANNING)
    waiting.update(state=RequestState.BLOCKED, planning_until=None, state_reason=reason)


def _render_and_keep(request: Request, facts: FactSet, actor: Actor) -> None:
    """Keep what comes of these facts. Raises DisksHeld when another plan took a disk meanwhile."""
    subject = subject_of_request(request, facts)
    assessment = assess(subject, checks_of(request.procedure))
    plan, reasons = _rendered(request, subject, assessment)
    with transaction.atomic():
        current = Request.objects.select_for_update().get(pk=request.pk)
        if current.version != request.version or current.state != RequestState.PLANNING:
            return
        current.lpar, current.planning_until = request.lpar, None
        current.findings = [finding_document(finding) for finding in assessment.findings]
        current.verdict = assessment.verdict
        current.state = RequestState.PLANNED if plan else RequestState.BLOCKED
        current.state_reason = " ".join(reasons)
        current.plan = _freeze(current, plan, basis_now(request, facts), actor) if plan else None
        current.save()
        if plan:
            hold_disks(current, _overwritten(plan, facts))


def _overwritten(plan: words.Plan, facts: FactSet) -> list[Wanted]:
    """The disks that the plan writes to; without a surrogate `lvupdate.data` only names its disks."""
    moves = procedure_named(plan.procedure).moves_workload
    wanted = wanted_disks(plan.parameters, facts)
    return [each for each in wanted if moves or each.role not in SPARE]


def render_for(lpar: Lpar, subject: Subject, consents: frozenset[str]) -> words.Plan:
    """The plan for an LPAR as the subject's facts show it. Raises CannotPlan with the reasons."""
    credential = lpar.hmc.client_credential
    name = credential.name if credential else ""
    return with_accounts(render(subject.procedure, subject, plan_hosts(lpar), name, consents))


def drift_of(request: Request, facts: FactSet) -> str:
    """Why the approved plan is no longer what these facts give; empty when it still is."""
    subject = subject_of_request(request, facts)
    if reason := refusal(subject) or _changed_disks(request, facts):
        return reason
    try:
        plan = render_for(request.lpar, subject, frozenset(request.consents))
    except CannotPlan as refused:
        return " ".join(refused.reasons)
    if request.plan is None or digest(canonical_json(plan.document())) != request.plan.digest:
        return "The LPAR changed since the plan was approved: the same request gives another plan now."
    return ""


def _changed_disks(request: Request, facts: FactSet) -> str:
    """Which disks of the approved plan are others by now, by their PVIDs; empty when none is known to be."""
    known = identities(facts)
    if request.plan is None or not known:
        return ""
    pinned: dict[str, str] = read_plan(request.plan.document).parameters.get("pvids", {})
    said = []
    for name, then in pinned.items():
        if name not in known:
            said.append(f"{name}, PVID {then} in the plan, is not there any more.")
        elif (now_there := known[name].pvid or "none") != then:
            said.append(f"{name} had PVID {then} when the plan was made and has {now_there} now.")
    return " ".join(said)


def _rendered(
    request: Request, subject: Subject, assessment: Assessment
) -> tuple[words.Plan | None, list[str]]:
    """The plan, or why there is none: the LPAR's state and findings that stand in the way come first."""
    reasons = [reason] if (reason := refusal(subject)) else []
    if assessment.verdict in (Verdict.NOT_POSSIBLE, Verdict.UNKNOWN):
        reasons += [
            f"{finding.check.id}: {finding.outcome.message}"
            for finding in assessment.findings
            if stands_in_the_way(finding)
        ]
    if reasons:
        return None, reasons
    try:
        return render_for(request.lpar, subject, frozenset(request.consents)), []
    except CannotPlan as refused:
        return None, list(refused.reasons)


def stands_in_the_way(finding: Finding) -> bool:
    """Whether no plan may be made, nor started, while this is so."""
    return finding.undecided or (finding.state == FindingState.BLOCKER and not finding.outcome.curable)


def _freeze(request: Request, plan: words.Plan, basis: dict[str, str], actor: Actor) -> Plan:
    document = canonical_json(plan.document())
    facts_read_at = Lpar.objects.values_list("facts_read_at", flat=True).get(pk=request.lpar_id)
    assert facts_read_at is not None
    frozen = Plan.objects.create(
        request=request,
        lpar=request.lpar,
        procedure=request.procedure,
        document=document.decode(),
        digest=digest(document),
        likeness=likeness_of(document.decode()),
        summary=summary(plan),
        findings=request.findings,
        verdict=request.verdict,
        facts_read_at=facts_read_at,
        basis=basis,
    )
    enter_plan(request, frozen, actor)
    return frozen


def enter_plan(request: Request, plan: Plan, actor: Actor) -> None:
    """Enter into the ledger that a plan was frozen."""
    data = {"plan_digest": plan.digest, "plan": plan.pk, "verdict": str(plan.verdict)}
    data["basis_digest"] = basis_digest(plan.basis)
    record(Event.PLAN_FREEZE, actor, subject_of(request), data)
