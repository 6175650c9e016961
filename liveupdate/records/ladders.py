"""How far the decisions on a request's plan are: for pages by its rows, for what acts by the ledger too."""

from dataclasses import dataclass, field
from datetime import datetime

from liveupdate.control import ruling
from liveupdate.control.drift import Rule
from liveupdate.control.policy import wanted
from liveupdate.control.reasons import Reason
from liveupdate.control.ruling import Answer, Case, Decision, Ladder, Person
from liveupdate.models import Approval, Plan, Request
from liveupdate.records.deciders import Deciders
from liveupdate.records.grants import DECISION_EVENTS, Said, said_by, window_of
from liveupdate.records.terms import Terms, terms_of, terms_said
from portal.access.models import User
from portal.lib.canonical import digest
from portal.lib.clock import now
from portal.lib.errors import Conflict

VERDICTS = {event.value: verdict.value for verdict, event in DECISION_EVENTS.items()}
WITH_APPROVALS = ("plan__approvals__person", "plan__approvals__on_behalf_of", "plan__drifts", "editors")
"""What a list of requests reads ahead, so that each one's standing costs no query."""
ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class Standing:
    """A request's case with the decisions on its plan, ready to be asked."""

    case: Case
    terms: Terms
    approvals: dict[int, Approval]
    deciders: Deciders
    decisions: list[Decision] = field(default_factory=list)

    @property
    def ladder(self) -> Ladder:
        """How far it is at this moment."""
        return ruling.ladder(self.case, self.decisions, now().timestamp())

    def may(self, person: User, *, token: bool = False) -> Answer:
        """Whether somebody may decide now, be it that they have no role for it."""
        case = self.case.copy()
        nobody_yet = Person(active=person.is_active, roles=[])
        case["people"] = {person.public_id: nobody_yet, **case["people"]}
        moment = now().timestamp()
        return ruling.may_decide(case, self.decisions, person.public_id, moment, token=token)

    def able(self) -> list[tuple[User, Answer]]:
        """Everybody who might decide, each with the answer that they would get now."""
        moment = now().timestamp()
        return [
            (self.deciders.users[key], ruling.may_decide(self.case, self.decisions, key, moment))
            for key in self.case["people"]
        ]

    def counted(self) -> list[Approval]:
        """The approvals that count."""
        rungs = self.ladder.rungs
        return [self.approvals[each.decision["id"]] for rung in rungs for each in rung.counted]


def standing_of(request: Request, deciders: Deciders | None = None, terms: Terms | None = None) -> Standing:
    """A request with its decisions, by the rows: what pages show."""
    deciders = deciders or Deciders(request.team)
    terms = terms or terms_of(request)
    rows = _approvals_of(request.plan)
    editors = _editors_of(request)
    shown = [_shown(row, request) for row in rows]
    return _standing(request, deciders, terms, editors, rows=rows, decisions=shown)


def entered_standing_of(request: Request) -> Standing:
    """The same by the ledger, for what acts: only decisions that it holds, by the terms that it holds.

    Raises Conflict where the ledger does not know that the request was handed in, or its policy or
    its standard change is not what it was.
    """
    said = said_by(request)
    if said.terms is None:
        raise not_in_the_ledger(request) if _approvals_of(request.plan) else not_handed_in(request)
    rows = _approvals_of(request.plan)
    decisions = _entered(rows, said)
    deciders, terms = Deciders(request.team), terms_said(said.terms)
    editors = said.editors | _editors_of(request)
    return _standing(request, deciders, terms, editors, rows=rows, decisions=decisions)


def not_handed_in(request: Request) -> Conflict:
    """Nobody could decide on its plan yet."""
    return Conflict(
        f"Nobody's approval carries the plan of {request.number}: it was not handed in.",
        code="quorum",
        remedy="Submit it for approval.",
    )


def not_in_the_ledger(request: Request) -> Conflict:
    """What the tables say of its decisions, the ledger does not."""
    return Conflict(
        f"The ledger knows of no approval of this plan and change window of {request.number}.",
        remedy="Have an auditor verify the ledger. After a change of SECRET_KEY, plan and submit again.",
        code="not_in_ledger",
    )


def check_plan(request: Request) -> Plan:
    """The request's plan. Raises Conflict without one, or when its text is not the one with its digest."""
    plan = request.plan
    if plan is None:
        raise Conflict(f"{request.number} has no plan.", code="no_plan")
    if digest(plan.document.encode()) != plan.digest:
        raise Conflict(
            f"The plan of {request.number} is not the text that was approved.",
            remedy="Do not run it; have an auditor verify the ledger, then plan again.",
            code="plan_altered",
        )
    return plan


def why_not_carried(standing: Standing) -> Reason | None:
    """Why the decisions do not carry the plan now, in words; None when they do."""
    ladder = standing.ladder
    if ladder.carried:
        return None
    if ladder.rejected_by:
        return Reason("rejected", f"{_name(standing, ladder.rejected_by)} rejected this plan.")
    lost = [f"{_name(standing, each['person'])} {why.about}." for each, why in ladder.dropped]
    stages = [wanted(rung.stage, rung.missing) for rung in ladder.rungs if rung.missing]
    return Reason(
        "quorum",
        " ".join([f"Missing: {', '.join(stages)}.", *lost]),
        remedy="Somebody who can has to approve it; the plan's page says who.",
    )


def _standing(
    request: Request,
    deciders: Deciders,
    terms: Terms,
    editors: set[str],
    *,
    rows: list[Approval],
    decisions: list[Decision],
) -> Standing:
    for row in rows:
        deciders.add(row.person)
        deciders.add(row.on_behalf_of)
    deciders.add(request.requester)
    case = Case(
        team=request.team.slug,
        environment=terms.environment,
        risk=terms.risk.level,
        requester=request.requester.public_id,
        editors=sorted(editors - {request.requester.public_id}),
        made_at=request.created_at.timestamp(),
        digest=request.plan.digest if request.plan else "",
        window=window_of(request),
        rule=terms.rule,
        allowance=terms.allowance,
        people=deciders.of_team(request.team, [each["person"] for each in decisions]),
        delegations=deciders.delegations,
    )
    return Standing(case, terms, {row.pk: row for row in rows}, deciders, decisions)


def _approvals_of(plan: Plan | None) -> list[Approval]:
    """The decisions on a plan, in their order; those before a drift that wants them anew are over."""
    if plan is None:
        return []
    if "approvals" in getattr(plan, "_prefetched_objects_cache", {}):
        rows = sorted(plan.approvals.all(), key=lambda row: row.pk)
    else:
        rows = list(plan.approvals.select_related("person", "on_behalf_of").order_by("id"))
    drifts = [drift.found_at for drift in plan.drifts.all() if drift.outcome == Rule.REAPPROVE]
    return [row for row in rows if all(row.decided_at > found_at for found_at in drifts)]


def _editors_of(request: Request) -> set[str]:
    return {editor.public_id for editor in request.editors.all()} if request.pk else set()


def _shown(row: Approval, request: Request) -> Decision:
    """A decision as its row says."""
    return Decision(
        id=row.pk,
        person=row.person.public_id,
        giver=row.on_behalf_of.public_id if row.on_behalf_of else "",
        verdict=row.decision,
        stage=row.stage,
        digest=row.digest,
        window=window_of(request),
        factor=row.factor,
        at=row.decided_at.timestamp(),
    )


def _entered(rows: list[Approval], said: Said) -> list[Decision]:
    """The decisions as the ledger says; an approval whose row says otherwise, or is gone, is none."""
    known = {row.pk: row for row in rows}
    decisions = []
    for pk, entry in said.decisions.items():
        decision = Decision(
            id=pk,
            person=entry["person"],
            giver=entry.get("for", ""),
            verdict=VERDICTS[entry["event"]],
            stage=entry.get("stage", 0),
            digest=entry["plan_digest"],
            window=entry["window"],
            factor=entry.get("factor", ruling.FACTORS[0]),
            at=datetime.fromisoformat(entry["at"]).timestamp(),
        )
        if pk not in known or not _same(known[pk], decision):
            decision["verdict"] = ALTERED
        decisions.append(decision)
    return decisions


def _same(row: Approval, decision: Decision) -> bool:
    giver = row.on_behalf_of.public_id if row.on_behalf_of else ""
    told = (row.person.public_id, giver, row.decision, row.stage, row.digest, row.factor)
    names = ("person", "giver", "verdict", "stage", "digest", "factor")
    return told == tuple(decision[name] for name in names)  # type: ignore[literal-required]


def _name(standing: Standing, public_id: str) -> str:
    user = standing.deciders.users.get(public_id)
    return str(user) if user else public_id
