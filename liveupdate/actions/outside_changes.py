"""What looks see of LPARs' software, and what people say of changes that no run explains.

Runs say what they changed; looks say what is there. Only the two together show that nothing else changes
the LPARs (controls.md 2.2).
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from inventory.facts.aix.boot_time import BOOT_TIME
from inventory.facts.aix.emgr_list import EMGR_LIST
from inventory.facts.aix.lslpp import LSLPP
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import FactMissing, FactSet
from inventory.models import Lpar
from liveupdate.models import OutsideChange, Run, SeenDay, Snapshot
from portal.access.models import User
from portal.access.policies import of_visible_teams, require, roles
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.canonical import digest_of
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed

EXPLAINERS = frozenset({Role.REQUESTER, Role.OPERATOR, Role.ADMINISTRATOR})
CLOSERS = frozenset({Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR})
MOST_TICKET = 60
SOFTWARE = ("level", "filesets_digest", "ifixes_digest")
"""What makes two snapshots differ; boot and partition id alone are no change of software."""


def visible_outside_changes(person: User) -> QuerySet[OutsideChange]:
    """The changes outside the process that a person may see, the newest first."""
    rows = OutsideChange.objects.select_related(
        "snapshot__lpar__host", "snapshot__lpar__team", "before", "explained_by", "closed_by"
    )
    return of_visible_teams(person, rows, "snapshot__lpar__team")


def keep_snapshot(lpar: Lpar, facts: FactSet, actor: Actor) -> None:
    """Keep what a look saw of the software, if that is another than before; find what no run explains.

    A look that could not read level, filesets and interim fixes has seen nothing.
    """
    try:
        seen = _seen(facts)
    except FactMissing:
        return
    at = now()
    with transaction.atomic():
        Lpar.objects.select_for_update(of=("self",)).get(pk=lpar.pk)
        SeenDay.objects.get_or_create(lpar=lpar, day=at.date())
        before = Snapshot.objects.filter(lpar=lpar).last()
        if before is not None and all(getattr(before, name) == seen[name] for name in SOFTWARE):
            return
        run = _explaining(lpar, before, at, seen["level"]) if before else None
        snapshot = Snapshot.objects.create(lpar=lpar, run=run, taken_at=at, **seen)
        _enter_snapshot(snapshot, before, actor)
        if before is not None and run is None:
            _find(snapshot, before, actor)


def explain(person: User, pk: int, explanation: str, ticket: str) -> OutsideChange:
    """Say what a change outside the process was, with the ticket that it belongs to.

    Until it is closed this may be done again. Raises NotAllowed, Invalid, Conflict.
    """
    with transaction.atomic():
        change = _locked(person, pk)
        require(person, EXPLAINERS, change.snapshot.lpar.team, "explain this change")
        if change.closed_at:
            raise Conflict("This change is closed already.", code="over_already")
        if not explanation.strip() or not 0 < len(ticket.strip()) <= MOST_TICKET:
            raise Invalid(
                f"An explanation needs its ticket (at most {MOST_TICKET} characters) and what was done.",
                code="reason_missing",
            )
        change.explanation, change.ticket = explanation.strip(), ticket.strip()
        change.explained_by, change.explained_at = person, now()
        change.save()
        said = {"explanation": change.explanation, "ticket": change.ticket}
        _enter(Event.OUTSIDE_EXPLAIN, Actor.person(person.public_id), change, said)
    return change


def why_not_close(person: User, change: OutsideChange) -> str:
    """Why this person may not close this change; empty when they may."""
    if change.closed_at:
        return "It is closed."
    if not change.explained_at:
        return "Nobody has explained it yet."
    if person.pk == change.explained_by_id:
        return "You explained it; somebody else has to close it."
    if not roles(person, change.snapshot.lpar.team) & CLOSERS:
        return (
            f"Only an approver of team {change.snapshot.lpar.team}, an auditor or an administrator closes it."
        )
    return ""


def close(person: User, pk: int, conclusion: str) -> OutsideChange:
    """Close an explained change, as somebody other than who explained it, with what follows from it.

    Raises NotAllowed, Invalid, Conflict.
    """
    with transaction.atomic():
        change = _locked(person, pk)
        if change.closed_at:
            raise Conflict("This change is closed already.", code="over_already")
        if reason := why_not_close(person, change):
            raise NotAllowed(reason, code="may_not_decide_on_it")
        if not conclusion.strip():
            raise Invalid(
                "Say what follows from it: was it right, and what keeps it from happening again?",
                code="reason_missing",
            )
        change.conclusion, change.closed_by, change.closed_at = conclusion.strip(), person, now()
        change.save()
        _enter(Event.OUTSIDE_CLOSE, Actor.person(person.public_id), change, {"conclusion": change.conclusion})
    return change


def _seen(facts: FactSet) -> dict[str, Any]:
    """What a snapshot holds. Raises FactMissing."""
    filesets = [[each.name, each.level, each.state] for each in facts.value(LSLPP)]
    ifixes = [[each.label, each.state] for each in facts.value(EMGR_LIST)]
    seen: dict[str, Any] = {
        "level": facts.value(OSLEVEL).text,
        "filesets_digest": digest_of(sorted(filesets)),
        "ifixes_digest": digest_of(sorted(ifixes)),
    }
    try:
        boot, seen["partition"] = facts.value(BOOT_TIME), facts.value(UNAME_L).id
        seen["booted"] = f"{boot.month:02}-{boot.day:02} {boot.hour:02}:{boot.minute:02}"
    except FactMissing:
        seen["booted"] = ""
    return seen


def _explaining(lpar: Lpar, before: Snapshot, at: datetime, level: str) -> Run | None:
    """The newest run that was under way since the look before and left, or may yet leave, this level."""
    since = Q(ended_at=None) | Q(ended_at__gt=before.taken_at)
    runs = lpar.runs.filter(since, started_at__isnull=False, started_at__lt=at).order_by("-id")
    fitting = (
        run for run in runs if level == before.level or not run.ended_at or run.level_after in ("", level)
    )
    return next(fitting, None)


def _find(snapshot: Snapshot, before: Snapshot, actor: Actor) -> None:
    names = {"level": "level", "filesets_digest": "filesets", "ifixes_digest": "interim fixes"}
    other = [names[name] for name in SOFTWARE if getattr(before, name) != getattr(snapshot, name)]
    levels = f" ({before.level} → {snapshot.level})" if before.level != snapshot.level else ""
    why = f"Other {', '.join(other)}{levels} than at the look before, and no run was under way meanwhile."
    change = OutsideChange.objects.create(snapshot=snapshot, before=before, why=why)
    _enter(Event.OUTSIDE_FOUND, actor, change, {"why": why})


def _locked(person: User, pk: int) -> OutsideChange:
    rows = OutsideChange.objects.select_for_update(of=("self",)).select_related(
        "snapshot__lpar__team", "snapshot__lpar__host"
    )
    change = rows.filter(pk=pk, pk__in=visible_outside_changes(person).values("pk")).first()
    if change is None:
        raise Invalid("There is no such change among those you may see.", code="not_found")
    return change


def _enter_snapshot(snapshot: Snapshot, before: Snapshot | None, actor: Actor) -> None:
    was = {f"{name}_before": getattr(before, name) if before else "" for name in SOFTWARE}
    data = {
        "snapshot": snapshot.pk,
        "run": snapshot.run_id or 0,
        "booted": snapshot.booted,
        "partition": snapshot.partition,
        **{name: getattr(snapshot, name) for name in SOFTWARE},
        **was,
    }
    record(Event.TARGET_SNAPSHOT, actor, _subject(snapshot.lpar), data)


def _enter(event: Event, actor: Actor, change: OutsideChange, data: dict[str, str]) -> None:
    said = {"outside_change": change.pk, "snapshot": change.snapshot_id}
    record(event, actor, _subject(change.snapshot.lpar), said | data)


def _subject(lpar: Lpar) -> dict[str, str | int]:
    return {"lpar": lpar.name, "team": lpar.team.slug}
