"""The compliance report: one question to the ledger, answered section by section."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from liveupdate.reports.document import Period, Report, Scope, Section, Standing
from liveupdate.reports.sections import (
    access,
    approvals,
    audit_health,
    blackout,
    deviations,
    duties,
    emergencies,
    exceptions,
    failures,
    header,
    latency,
    limits,
    population,
    register,
    sample,
)
from liveupdate.reports.source import Source, Told, read_source
from portal.access.models import Team
from portal.audit.standing import standing_at
from portal.lib.errors import Invalid


def _failures_and_blackouts(source: Source) -> Section:
    """Section 10: what did not go well and why, and how long workloads stood still."""
    failed, still = failures.section(source), blackout.section(source)
    return replace(
        failed,
        title="Failures and blackouts",
        about=f"{failed.about} {still.about}",
        figures=(*failed.figures, *still.figures),
        tables=(*failed.tables, *still.tables),
        charts=(*failed.charts, *still.charts),
        notes=still.notes,
    )


SECTIONS: tuple[Callable[[Source], Section], ...] = (
    header.section,
    population.section,
    register.section,
    approvals.section,
    duties.section,
    deviations.section,
    emergencies.section,
    latency.section,
    exceptions.section,
    _failures_and_blackouts,
    access.section,
    audit_health.section,
    sample.section,
)
"""All but the last, which judges by these."""


def compliance_report(period: Period, scope: Scope, as_of: datetime, progress: Told | None = None) -> Report:
    """The report of a period as it could be known at a moment: by the newest checkpoint of then.

    The same period, scope and checkpoint give the same digest, as long as the inventory is the same. Whoever
    shows it adds names and maker by `naming.signed`. Raises as `opened`.
    """
    told = progress or _silent
    frame, source = opened(period, scope, as_of, told)
    sections = []
    for number, section in enumerate(SECTIONS, 1):
        sections.append(section(source))
        told("sections", number, len(SECTIONS) + 1)
    sections.append(limits.section_of(sections))
    told("sections", len(sections), len(sections))
    return replace(frame, sections=tuple(sections))


def opened(period: Period, scope: Scope, as_of: datetime, told: Told) -> tuple[Report, Source]:
    """A report without sections, and what they read.

    Raises Invalid where the period or team is none, Conflict where nothing was signed by then.
    """
    if period.end <= period.begin:
        raise Invalid(
            "The period ends before it begins.",
            remedy="The first day comes before the last.",
            code="period_not_possible",
        )
    if scope.team and not Team.objects.filter(slug=scope.team).exists():
        raise Invalid(
            f"There is no team {scope.team}.",
            remedy="Name it by its short name, as in addresses.",
            code="unknown_name",
        )
    found = standing_at(as_of)
    if found.signed_at <= period.begin:
        raise Invalid(
            "Nothing was signed in this period yet.", remedy="Ask for an earlier one.", code="nothing_signed"
        )
    standing = Standing(found.origin, found.size, found.root, found.checkpoint, found.key)
    source = read_source(period, scope, found, told)
    return Report("compliance", "Compliance report", period, scope, found.signed_at, standing, ()), source


def _silent(_what: str, _done: int, _of: int) -> None:
    """Nobody wants to be told."""
