"""Emergencies of a period, and the debts that are left of them: for pages and reports."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import QuerySet
from django.utils.timezone import localdate

from liveupdate.models import Approval, Emergency


class Debt(StrEnum):
    """How it stands with looking back at an emergency."""

    OPEN = "open"
    """Nobody has, and there is still time."""
    OVERDUE = "overdue"
    """Nobody has, and its day is over: a finding."""
    IN_TIME = "in_time"
    LATE = "late"
    """Somebody did, after its day."""


@dataclass(frozen=True, slots=True)
class EmergencyRecord:
    """An emergency, how it stands with looking back at it, and the decision that confirmed it, if any."""

    emergency: Emergency
    debt: Debt
    confirmation: Approval | None


@dataclass(frozen=True, slots=True)
class EmergencyFigures:
    """The emergencies opened in a period (`opened`), and what was still owed at its end (`owed`).

    `owed` holds those of earlier periods too.
    """

    opened: list[EmergencyRecord]
    owed: list[EmergencyRecord]

    @property
    def by_debt(self) -> dict[Debt, int]:
        """How many of those opened stand how."""
        counted = Counter(each.debt for each in self.opened)
        return {debt: counted[debt] for debt in Debt}

    @property
    def overdue(self) -> list[EmergencyRecord]:
        """The findings: owed, and their day is over."""
        return [each for each in self.owed if each.debt is Debt.OVERDUE]


def emergency_figures(rows: QuerySet[Emergency], begin: datetime, end: datetime) -> EmergencyFigures:
    """Figures of `rows` (those that the reader may see) for `begin` ≤ opened < `end`, as of `end`.

    What was closed after `end` was owed then.
    """
    known = rows.filter(opened_at__lt=end).select_related(
        "request__team", "request__lpar__host", "opened_by", "closed_by"
    )
    records = [_record(row, end) for row in known.order_by("opened_at", "pk")]
    opened = [each for each in records if each.emergency.opened_at >= begin]
    return EmergencyFigures(opened, [each for each in records if each.debt in (Debt.OPEN, Debt.OVERDUE)])


def debt_of(emergency: Emergency, at: datetime) -> Debt:
    """How it stood with looking back at an emergency at a moment."""
    closed_at = emergency.closed_at
    if closed_at is not None and closed_at <= at:
        return Debt.IN_TIME if _on_time(emergency, localdate(closed_at)) else Debt.LATE
    return Debt.OPEN if _on_time(emergency, localdate(at)) else Debt.OVERDUE


def _on_time(emergency: Emergency, day: date) -> bool:
    return day <= emergency.due_on


def _record(emergency: Emergency, at: datetime) -> EmergencyRecord:
    approvals = Approval.objects.filter(
        plan__request=emergency.request_id,
        decision=Approval.Decision.APPROVE,
        decided_at__gte=emergency.opened_at,
        decided_at__lt=at,
    )
    return EmergencyRecord(
        emergency, debt_of(emergency, at), approvals.select_related("person").order_by("pk").first()
    )
