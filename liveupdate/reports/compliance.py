"""The compliance report: one question to the ledger, answered section by section."""

from collections.abc import Callable
from datetime import datetime

from liveupdate.reports.document import Period, Report, Scope, Section, Standing
from liveupdate.reports.sections import header
from liveupdate.reports.source import Source, read_source
from portal.audit.standing import standing_at
from portal.lib.errors import Invalid

Told = Callable[[str, int, int], None]
"""Called with what is done, how much of it, of how much (0: not known)."""

SECTIONS: tuple[Callable[[Source], Section], ...] = (header.section,)


def compliance_report(period: Period, scope: Scope, as_of: datetime, progress: Told | None = None) -> Report:
    """The report of a period as it could be known at a moment: by the newest checkpoint of then.

    The same period, scope and checkpoint give the same digest. Whoever shows it adds `people` and `made_…`
    by `signed_by`. Raises Invalid where the period is not one, Conflict where nothing was signed by then.
    """
    if period.end <= period.begin:
        raise Invalid("The period ends before it begins.", remedy="The first day comes before the last.")
    told = progress or _silent
    found = standing_at(as_of)
    standing = Standing(found.origin, found.size, found.root, found.checkpoint, found.key)
    source = read_source(period, scope, found, told)
    sections = []
    for number, section in enumerate(SECTIONS):
        sections.append(section(source))
        told("sections", number + 1, len(SECTIONS))
    return Report(
        "compliance", "Compliance report", period, scope, found.signed_at, standing, tuple(sections)
    )


def _silent(_what: str, _done: int, _of: int) -> None:
    """Nobody wants to be told."""
