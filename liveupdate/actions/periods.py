"""Change windows and freezes: written, changed and removed, each version with its ledger entry.

A change of the calendar moves no request. Those that it leaves no slot are held and named in the entry; who
asked for an approved one, and who operates for its team, is told by mail.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from inventory.models import Lpar
from liveupdate.actions.notices import tell
from liveupdate.control.calendar import Calendar, Kind, Period, Scope
from liveupdate.control.ical import Imported
from liveupdate.control.notices import Occasion
from liveupdate.control.period_document import document_of, read_period
from liveupdate.models import Request, StoredPeriod
from liveupdate.records.consequences import Consequence, consequences
from liveupdate.records.periods import REMOVED, WRITTEN, current_periods
from liveupdate.records.recipients import requester_and_operators
from liveupdate.states import RequestState
from portal.access.models import Team, User
from portal.access.policies import SEE_EVERYTHING, require, roles, visible_teams
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid

TEAMS_OWN = frozenset({Role.APPROVER, Role.ADMINISTRATOR})
MOST_NAMED = 500
"""So many held requests are named in one entry of the ledger."""


@dataclass(frozen=True, slots=True)
class PeriodWish:
    """A window or a freeze as somebody wants it; `first` and `last` are its first begin and end by the clock
    of `zone`. `team` None means every team, and then the period is the administrators'.
    """

    kind: Kind
    name: str
    zone: str
    first: datetime
    last: datetime
    rule: str = ""
    but: frozenset[date] = frozenset()
    team: Team | None = None
    environment: str = ""
    application: str = ""
    lpar: Lpar | None = None

    def period(self) -> Period:
        """The period that it asks for. Raises Invalid."""
        if self.lpar and self.team and self.lpar.team_id != self.team.pk:
            raise Invalid(f"{self.lpar} is not one of team {self.team}.", code="other_team")
        scope = Scope(
            team=self.team.slug if self.team else "",
            environment=self.environment.strip(),
            application=self.application.strip(),
            lpar=self.lpar.name if self.lpar else "",
        )
        return read_period(
            self.kind,
            self.name,
            scope,
            zone=self.zone,
            first=self.first,
            last=self.last,
            rule=self.rule,
            but=self.but,
        )


def visible_periods(person: User) -> QuerySet[StoredPeriod]:
    """The current windows and freezes that a person may see: everybody's, and those of the teams they see."""
    rows = current_periods()
    if roles(person, None) & SEE_EVERYTHING:
        return rows
    teams = visible_teams(person)
    return rows.filter(Q(team=None, lpar=None) | Q(team__in=teams) | Q(lpar__team__in=teams))


def may_write(person: User, team: Team | None) -> bool:
    """Whether a person sets windows and freezes of a team, or (None) those of everybody."""
    return bool(roles(person, team) & _allowed(team))


def write_period(
    person: User, wish: PeriodWish, reason: str, uid: str = "", version: int = 0
) -> StoredPeriod:
    """Enter a window or a freeze, or the next version of one; `version` is the one that was shown.

    Raises NotAllowed, Invalid, and Conflict when it was changed or removed meanwhile.
    """
    _may(person, wish.team)
    if not reason.strip():
        raise Invalid(
            "A change of the calendar needs a reason.",
            remedy="Say why, and who was asked.",
            code="reason_missing",
        )
    period = wish.period()
    with transaction.atomic():
        row = StoredPeriod(kind=wish.kind.value)
        if uid:
            old = _newest(person, uid, version)
            if old.kind != row.kind:
                raise Invalid(
                    f"{old} cannot become a {wish.kind}.",
                    remedy="Remove it and enter another one.",
                    code="other_kind",
                )
            row.uid, row.version = old.uid, old.version + 1
            row.source = old.source
        _fill(row, period)
        row.team, row.lpar, row.reason, row.written_by = wish.team, wish.lpar, reason.strip(), person
        _keep(person, row)
    return row


def remove_period(person: User, uid: str, version: int, reason: str) -> StoredPeriod:
    """Take a window or a freeze out of the calendar; its versions stay. Raises as `write_period` does."""
    if not reason.strip():
        raise Invalid("Taking something out of the calendar needs a reason.", code="reason_missing")
    with transaction.atomic():
        row = _newest(person, uid, version)
        row.pk, row.version, row.removed = None, row.version + 1, True
        row.reason, row.written_by = reason.strip(), person
        _keep(person, row)
    return row


def import_periods(person: User, team: Team | None, events: Sequence[Imported], reason: str) -> int:
    """Enter what a calendar file holds, all or nothing; returns how many rows that made.

    An event that was imported before for the same team, by its UID, becomes the next version of what it was,
    or is left alone where nothing changed. Raises NotAllowed, Invalid.
    """
    _may(person, team)
    if not reason.strip():
        raise Invalid(
            "A change of the calendar needs a reason.",
            remedy="Say why, and who was asked.",
            code="reason_missing",
        )
    made = 0
    with transaction.atomic():
        known = {row.source: row for row in current_periods().filter(team=team).exclude(source="")}
        for event in events:
            old = known.get(event.source)
            document = document_of(event.period)
            if old and old.document == document:
                continue
            row = StoredPeriod(source=event.source, team=team, reason=reason.strip(), written_by=person)
            if old and old.kind == document["kind"]:
                row.uid, row.version = old.uid, old.version + 1
            _fill(row, event.period)
            _keep(person, row)
            made += 1
    return made


def replaced_by(team: Team | None, events: Sequence[Imported]) -> list[str]:
    """The periods that an import would change."""
    rows = current_periods().filter(team=team, source__in=[event.source for event in events])
    return [row.uid for row in rows]


def _fill(row: StoredPeriod, period: Period) -> None:
    for name, value in document_of(period).items():
        if name not in ("team", "lpar"):
            setattr(row, name, value)


def preview(
    requests: QuerySet[Request], without: Collection[str], periods: Collection[Period]
) -> list[Consequence]:
    """What comes of it for `requests` when `periods` take the place of some; nothing is written."""
    rows = list(current_periods())
    rest = [row.period for row in rows if row.uid not in without]
    before = Calendar(tuple(row.period for row in rows))
    return consequences(requests, before, Calendar((*rest, *periods)), now())


def _keep(person: User, row: StoredPeriod) -> None:
    periods = [] if row.removed else [row.period]
    changed = preview(Request.objects.all(), {row.uid}, periods)
    held = [each.request.number for each in changed if each.reason]
    row.save(force_insert=True)
    data = {
        "version": row.version,
        "removed": int(row.removed),
        "document": row.document,
        "reason": row.reason,
        "holds": held[:MOST_NAMED],
    }
    event = (REMOVED if row.removed else WRITTEN)[Kind(row.kind)]
    subject = {"period": row.uid, "team": row.team.slug if row.team else ""}
    record(event, Actor.person(person.public_id), subject, data)
    for each in changed:
        _tell(each, row)


def _tell(changed: Consequence, row: StoredPeriod) -> None:
    """Tell of an approved request that it is held by this change, with its next slot, or free again."""
    request, reason = changed.request, changed.reason
    if request.state != RequestState.APPROVED:
        return
    did = "taken out of" if row.removed else "written into"
    tell(
        Occasion.HELD if reason else Occasion.FREE_AGAIN,
        requester_and_operators(request),
        request,
        matter=f"{row.uid} {row.version}",
        reasons=[f"The {row} was {did} the calendar by {row.written_by}: {row.reason}", str(reason or "")],
        only_while=RequestState.APPROVED,
    )


def _newest(person: User, uid: str, version: int) -> StoredPeriod:
    """The current version, if it is the one that was shown. Later versions wait for it by its row lock."""
    locked = StoredPeriod.objects.select_for_update(of=("self",)).filter(uid=uid).order_by("version")
    versions = list(locked.select_related("team", "lpar__host"))
    if not versions or not visible_periods(person).filter(uid=uid).exists():
        raise Invalid("There is no such window or freeze among those you may see.", code="not_found")
    newest = versions[-1]
    _may(person, newest.team)
    if newest.version != version:
        raise Conflict(
            f"{newest} was changed meanwhile.",
            remedy="Open it again and repeat your change.",
            code="changed_meanwhile",
        )
    return newest


def _may(person: User, team: Team | None) -> None:
    require(person, _allowed(team), team, "change this part of the calendar")


def _allowed(team: Team | None) -> frozenset[Role]:
    return TEAMS_OWN if team else frozenset({Role.ADMINISTRATOR})
