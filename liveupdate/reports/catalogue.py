"""The one door to a report's numbers: a question in, a report out."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from liveupdate.reports.compliance import compliance_report, opened
from liveupdate.reports.document import Period, Report, Scope, Section
from liveupdate.reports.kinds import KINDS
from liveupdate.reports.sections import (
    access,
    approvals,
    blackout,
    calendar,
    deviations,
    duties,
    emergencies,
    exceptions,
    failures,
    fleet,
    latency,
    register,
)
from liveupdate.reports.source import Source
from portal.audit.sealer import seal_up_to_now
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid

log = logging.getLogger(__name__)
Told = Callable[[str, int, int], None]
"""Called with what is done, how much of it, of how much."""
LONGEST_DAYS = 800
SECTIONS: dict[str, Callable[[Source], Section]] = {
    "access": access.section,
    "approvals": approvals.section,
    "blackout": blackout.section,
    "calendar": calendar.section,
    "deviations": deviations.section,
    "duties": duties.section,
    "emergencies": emergencies.section,
    "exceptions": exceptions.section,
    "failures": failures.section,
    "fleet": fleet.section,
    "latency": latency.section,
    "register": register.section,
}
"""What the ready reports are made of, by key."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which report, about which time, of which team (empty: all), as it could be known when (None: now)."""

    kind: str
    period: Period
    team: str = ""
    as_of: datetime | None = None


def check_question(question: Question) -> None:
    """Raise Invalid where a question cannot be answered, whatever the ledger holds."""
    period = question.period
    if question.kind not in KINDS:
        raise Invalid(
            f"There is no report {question.kind!r}.",
            remedy=f"Choose {', '.join(KINDS)}.",
            code="unknown_name",
        )
    try:
        ZoneInfo(period.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(
            f"{period.time_zone!r} is no time zone.",
            remedy="Write Europe/Berlin or UTC.",
            code="unknown_name",
        ) from error
    if period.end <= period.begin:
        raise Invalid(
            "The period ends before it begins.",
            remedy="The first day comes before the last.",
            code="period_not_possible",
        )
    if (period.end - period.begin).days > LONGEST_DAYS:
        raise Invalid(
            f"The period is longer than {LONGEST_DAYS} days.",
            remedy="Ask for it in parts.",
            code="period_not_possible",
        )
    if question.as_of is not None and question.as_of > now():
        raise Invalid(
            "Nobody knows yet what the ledger will hold then.",
            remedy="Choose a moment that is over.",
            code="period_not_possible",
        )


def build(question: Question, told: Told) -> Report:
    """The report. Raises Invalid, and Conflict where nothing was signed by then."""
    check_question(question)
    if question.as_of is None:
        _wait_for_the_newest()
    kind, scope, as_of = KINDS[question.kind], Scope(question.team), question.as_of or now()
    if not kind.sections:
        return compliance_report(question.period, scope, as_of, told)
    frame, source = opened(question.period, scope, as_of, told)
    sections = []
    for number, key in enumerate(kind.sections, 1):
        sections.append(replace(SECTIONS[key](source), number=number))
        told("sections", number, len(kind.sections))
    return replace(frame, kind=kind.key, title=kind.title, sections=tuple(sections))


def _wait_for_the_newest() -> None:
    """Have what was asked until now signed; what is not signed in time is left out, as `as_of` says."""
    try:
        seal_up_to_now()
    except Conflict as late:
        log.info("a report leaves out what is not signed yet: %s", late.message)
