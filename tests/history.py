"""A past of requests, runs and looks, with times of one's own: rows in bulk, entries in their real form.

Nothing is executed. What a page or a report reads is as actions and the engine would have left it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from inventory.models import Lpar
from liveupdate.actions.outside_changes import SOFTWARE
from liveupdate.actions.requests import asked_in, subject_of
from liveupdate.control.policy import SHIPPED
from liveupdate.models import Approval, Emergency, OutsideChange, Plan, Request, Run, Snapshot
from liveupdate.records.grants import window_of
from liveupdate.states import RequestState, RunState, Verdict
from liveupdate.transitions import result_of
from portal.access.models import Membership, User
from portal.audit.actor import Actor
from portal.audit.entry import RunPlace
from portal.audit.events import Event
from portal.audit.models import Intake, RunHead
from portal.audit.record import Occurrence, _members
from portal.lib.canonical import canonical_json, digest

BATCH = 1_000
EMPTY = digest(b"")
WORKER = Actor.worker("w1")
POLICY = digest(canonical_json(SHIPPED))
BEFORE, AFTER = "7200-05-03-2148", "7200-05-04-2220"


@dataclass
class Change:
    """One request of the past and what became of it; times count from `at`.

    `approvers` are people, or pairs of who decided and for whom. `end` is how it ended: a state of a run,
    or `denied`, `withdrawn`, `expired`, `open`, `approved` (with no run yet). `commands` is how each of its
    commands came out.
    """

    lpar: Lpar
    requester: User
    at: datetime
    end: str = "succeeded"
    approvers: tuple[User | tuple[User, User], ...] = ()
    withdrawn_by: User | None = None
    kind: str = "normal"
    commands: tuple[str, ...] = ("ended", "ended")
    blackout_ms: int | None = None
    levels: tuple[str, str] = (BEFORE, AFTER)
    asked_before: timedelta = timedelta(days=1)
    due_days: int = 5
    reviewed_after: timedelta | None = None
    reviewer: User | None = None
    signature: str = ""
    request: Request | None = None
    run: Run | None = None


@dataclass
class History:
    """Entries wait in `entries` with their times until `enter` orders them."""

    entries: list[tuple[datetime, int, dict[str, Any]]] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)

    def say(
        self,
        event: Event,
        actor: Actor,
        at: datetime,
        subject: Mapping[str, str | int],
        data: Mapping[str, Any],
        run: int | None = None,
    ) -> None:
        """One entry; of a run in the order in which they are said."""
        place = None
        if run is not None:
            self.places[run] = self.places.get(run, 0) + 1
            place = RunPlace(run, self.places[run], None)
        members = _members(Occurrence(event, subject, data, at), actor, place)
        self.entries.append((at, len(self.entries), members))

    def people(self, at: datetime) -> None:
        """Everybody in the database got their roles at this moment."""
        for user in User.objects.order_by("pk"):
            self.say(
                Event.USER_CHANGE, Actor.command("test"), at, {"user": user.public_id}, {"what": "added"}
            )
        for row in Membership.objects.select_related("user", "team").order_by("pk"):
            subject = {"user": row.user.public_id, **({"team": row.team.slug} if row.team else {})}
            data = {"what": "granted", "role": str(row.role)}
            self.say(Event.ROLE_CHANGE, Actor.command("test"), at, subject, data)

    def changes(self, changes: list[Change]) -> None:
        """Requests, plans, decisions and runs as rows in bulk, and their entries."""
        for start in range(0, len(changes), BATCH):
            self._batch(changes[start : start + BATCH])

    def sight(
        self, lpar: Lpar, at: datetime, level: str, before: Snapshot | None = None, run: Run | None = None
    ) -> Snapshot:
        """A look found this level; with `before` and no run it is a change outside the process."""
        values = {"level": level, "filesets_digest": digest(level.encode()), "ifixes_digest": EMPTY}
        snapshot = Snapshot.objects.create(lpar=lpar, taken_at=at, run=run, **values)
        was = {f"{name}_before": getattr(before, name) if before else "" for name in SOFTWARE}
        data = {"snapshot": snapshot.pk, "run": run.pk if run else 0, "booted": "", "partition": None}
        self.say(Event.TARGET_SNAPSHOT, WORKER, at, _of(lpar), data | values | was)
        if before and not run:
            found = OutsideChange.objects.create(snapshot=snapshot, before=before, why="Other level.")
            said = {"outside_change": found.pk, "snapshot": snapshot.pk}
            self.say(Event.OUTSIDE_FOUND, WORKER, at, _of(lpar), said | {"why": found.why})
        return snapshot

    def settle(self, snapshot: Snapshot, explained_by: User, closed_by: User, at: datetime) -> None:
        """Somebody explained a change outside the process, another closed it a day later."""
        change = snapshot.outside_change
        said, subject = {"outside_change": change.pk, "snapshot": snapshot.pk}, _of(snapshot.lpar)
        person, other = (Actor.person(each.public_id) for each in (explained_by, closed_by))
        self.say(
            Event.OUTSIDE_EXPLAIN, person, at, subject, said | {"explanation": "By hand", "ticket": "INC-9"}
        )
        day = at + timedelta(days=1)
        self.say(Event.OUTSIDE_CLOSE, other, day, subject, said | {"conclusion": "Told the vendor"})

    def enter(self, before: datetime | None = None) -> int:
        """Put everything (that happened before a moment) into the ledger's intake in the order of time;
        returns how much. The last time is without a moment."""
        ordered = sorted(self.entries, key=lambda each: each[:2])
        due = [each for each in ordered if before is None or each[0] < before]
        self.entries = ordered[len(due) :]
        for start in range(0, len(due), BATCH):
            Intake.objects.bulk_create(Intake(**members) for _, _, members in due[start : start + BATCH])
        if before is None:
            RunHead.objects.bulk_create(RunHead(run=run, rs=rs) for run, rs in self.places.items())
        return len(due)

    def _batch(self, changes: list[Change]) -> None:
        requests = Request.objects.bulk_create(_request(each) for each in changes)
        for change, request in zip(changes, requests, strict=True):
            change.request = request
        plans = Plan.objects.bulk_create(_plan(each) for each in changes)
        for request, plan, change in zip(requests, plans, changes, strict=True):
            request.plan, request.created_at = plan, change.at - change.asked_before
        Request.objects.bulk_update(requests, ["plan", "created_at"], batch_size=250)
        run_of = [each for each in changes if each.end in set(RunState)]
        runs = Run.objects.bulk_create(_run(each) for each in run_of)
        for change, run in zip(run_of, runs, strict=True):
            change.run, run.queued_at = run, change.at
        Run.objects.bulk_update(runs, ["queued_at"], batch_size=500)
        decided = [(each, *_pair(by)) for each in changes for by in each.approvers]
        rows = Approval.objects.bulk_create(_approval(*each) for each in decided)
        approvals: dict[int, list[Approval]] = {}
        for (change, _, _), row in zip(decided, rows, strict=True):
            approvals.setdefault(id(change), []).append(row)
        for change in changes:
            self._enter_change(change, approvals.get(id(change), []))

    def _enter_change(self, change: Change, approvals: list[Approval]) -> None:
        request = change.request
        assert request is not None and request.plan is not None
        person, asked = Actor.person(change.requester.public_id), change.at - change.asked_before
        subject, plan = subject_of(request), {"plan_digest": request.plan.digest}
        self.say(
            Event.REQUEST_CREATE,
            person,
            asked,
            subject,
            {"state": "draft", "version": 1, **asked_in(request)},
        )
        frozen = plan | {"plan": request.plan.pk, "verdict": "ready"}
        self.say(Event.PLAN_FREEZE, WORKER, asked + timedelta(minutes=1), subject, frozen)
        terms = {"change": change.kind, "environment": request.lpar.environment, "risk": "medium"}
        terms |= {"risk_reasons": [], "policy": POLICY, "template": ""}
        submitted = {"state": "submitted", "version": 1, **plan, **terms}
        self.say(Event.REQUEST_SUBMIT, person, asked + timedelta(minutes=2), subject, submitted)
        if change.kind == "emergency":
            self._emergency(change, subject, asked)
        for at, row in enumerate(approvals):
            given = {**plan, "reason": "", "approval": row.pk, "stage": 0, "factor": "none", "version": 1}
            given |= {
                "for": row.on_behalf_of.public_id if row.on_behalf_of else "",
                "window": window_of(request),
            }
            event = Event.APPROVAL_DENY if change.end == "denied" else Event.APPROVAL_GRANT
            when = asked + timedelta(minutes=10 + at)
            self.say(event, Actor.person(row.person.public_id), when, subject, given)
            if change.withdrawn_by == row.person:
                back = asked + timedelta(hours=1)
                taken = given | {"approval": row.pk + 1_000_000}
                self.say(Event.APPROVAL_WITHDRAW, Actor.person(row.person.public_id), back, subject, taken)
        if change.end == "withdrawn":
            self.say(Event.REQUEST_CANCEL, person, change.at, subject, {"state": "withdrawn", "version": 1})
        elif change.end == "expired":
            self.say(Event.APPROVAL_EXPIRE, Actor.portal(), change.at, {"request": request.number}, {})
        elif change.run is not None:
            self._enter_run(change, change.run)

    def _emergency(self, change: Change, subject: dict[str, str | int], at: datetime) -> None:
        request = change.request
        assert request is not None
        due = (at + timedelta(days=change.due_days)).date()
        row = Emergency.objects.create(
            request=request, opened_by=change.requester, incident="INC-1", reason="It burns", due_on=due
        )
        said = {"emergency": row.pk, "incident": row.incident, "reason": row.reason}
        opener = Actor.person(change.requester.public_id)
        self.say(Event.BREAKGLASS_OPEN, opener, at, subject, said | {"due_on": due.isoformat()})
        if change.reviewed_after and change.reviewer:
            reviewer, when = Actor.person(change.reviewer.public_id), at + change.reviewed_after
            self.say(Event.BREAKGLASS_REVIEW, reviewer, when, subject, said | {"findings": "It was one"})

    def _enter_run(self, change: Change, run: Run) -> None:
        assert change.request is not None
        subject = {"request": change.request.number, "plan": run.plan.digest, "lpar": change.lpar.name}
        second, at = timedelta(seconds=1), change.at

        def say(event: Event, data: Mapping[str, Any], actor: Actor = WORKER) -> None:
            nonlocal at
            at += second
            self.say(event, actor, at, subject, data, run.pk)

        say(Event.RUN_QUEUE, {"approvals": [], "uid": run.uid}, Actor.portal())
        if change.commands:
            say(Event.RUN_START, {"state": "running", "reason": "", "outcome": ""})
        stream = {"bytes": 0, "digest": EMPTY}
        for number, end in enumerate(change.commands, 1):
            host = {"name": change.lpar.name, "account": "root"}
            say(Event.CMD_INTENT, {"command": number, "host": host, "wire": "oslevel -s"})
            if end == "ended":
                say(Event.CMD_END, {"command": number, "status": 0, "stdout": stream, "stderr": stream})
            else:
                say(Event(f"cmd.{end}"), {"command": number, "reason": "nobody knows"})
        if change.signature:
            found = [{"signature": change.signature, "line": {"command": 1, "stream": "stdout", "line": 1}}]
            say(Event.RUN_DIAGNOSIS, {"found": found})
        if change.end in ENDED:
            say(Event.RUN_END, result_of(run))


ENDED = frozenset({"succeeded", "succeeded_with_residue", "failed", "aborted", "refused"})


def _request(change: Change) -> Request:
    states = {"denied": RequestState.REJECTED, "open": RequestState.SUBMITTED}
    over = RequestState.FINISHED if change.end in ENDED else RequestState.STARTED
    known = {each.value for each in RequestState}
    state = states.get(change.end) or (change.end if change.end in known else over)
    return Request(
        lpar=change.lpar,
        team=change.lpar.team,
        requester=change.requester,
        last_editor=change.requester,
        procedure="local_live_update",
        media="nim01:/export",
        target_level=AFTER,
        reason="Security fixes",
        impact="A pause of seconds",
        fallback="The clone",
        starts_at=change.at - timedelta(hours=1),
        ends_at=change.at + timedelta(hours=4),
        state=state,
        change=change.kind,
    )


def _plan(change: Change) -> Plan:
    request = change.request
    assert request is not None
    document = {"procedure": {"name": "local_live_update", "version": 1}, "request": request.number}
    text = canonical_json(document).decode()
    return Plan(
        request=request,
        lpar=change.lpar,
        procedure="local_live_update",
        document=text,
        digest=digest(text.encode()),
        summary="",
        verdict=Verdict.READY,
        facts_read_at=change.at,
    )


def _run(change: Change) -> Run:
    request = change.request
    assert request is not None
    live = change.end not in ENDED
    levels = change.levels if change.commands and not live else ("", "")
    return Run(
        request=request,
        plan=request.plan,
        lpar=change.lpar,
        state=change.end,
        outcome="" if live else f"It {change.end}.",
        started_at=change.at if change.commands else None,
        ended_at=None if live else change.at + timedelta(minutes=20),
        level_before=levels[0],
        level_after=levels[1],
        blackout_ms=change.blackout_ms,
    )


def _pair(by: User | tuple[User, User]) -> tuple[User, User | None]:
    return by if isinstance(by, tuple) else (by, None)


def _approval(change: Change, person: User, giver: User | None) -> Approval:
    request = change.request
    assert request is not None and request.plan is not None
    decision = Approval.Decision.REJECT if change.end == "denied" else Approval.Decision.APPROVE
    return Approval(
        plan=request.plan, person=person, on_behalf_of=giver, decision=decision, digest=request.plan.digest
    )


def _of(lpar: Lpar) -> dict[str, str | int]:
    return {"lpar": lpar.name, "team": lpar.team.slug}
