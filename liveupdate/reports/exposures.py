"""How fast faults were cured: from IBM's publication and from the day that the portal found them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from inventory.compliance.severity import Severity
from inventory.models import ExposureSpan, LevelException
from liveupdate.actions.deadlines import deadlines_at
from liveupdate.reports.source import Source

CURES = (ExposureSpan.End.UPDATE, ExposureSpan.End.IFIX)


@dataclass(frozen=True, slots=True)
class Span:
    """One fault of one LPAR, as it stood at a moment. Days are whole days; None where IBM gave no day."""

    lpar_id: int
    lpar: str
    team: str
    apar: str
    severity: Severity
    issued_on: date | None
    found_at: datetime
    cured_at: datetime | None
    allowed: int

    @property
    def since_issued(self) -> int | None:
        """Days from publication to the cure."""
        if self.cured_at is None or self.issued_on is None:
            return None
        return max(0, (self.cured_at.date() - self.issued_on).days)

    @property
    def since_found(self) -> int | None:
        """Days from when it was found to the cure."""
        return None if self.cured_at is None else (self.cured_at - self.found_at).days

    def age(self, day: date) -> int:
        """Days since publication, or since it was found where IBM gave no day."""
        return (day - (self.issued_on or self.found_at.date())).days

    @property
    def in_time(self) -> bool:
        """Whether it was cured within its deadline."""
        return self.cured_at is not None and self.age(self.cured_at.date()) <= self.allowed


@dataclass(frozen=True, slots=True)
class Latencies:
    """Faults cured in the period, and those open at its end; the deadlines by which they are measured."""

    cured: list[Span]
    still_open: list[Span]
    days: dict[Severity, int]
    version: int
    day: date

    @property
    def overdue(self) -> list[Span]:
        """Open and past their deadline, the longest overdue first."""
        late = [each for each in self.still_open if each.age(self.day) > each.allowed]
        return sorted(late, key=lambda each: (each.allowed - each.age(self.day), each.lpar, each.apar))


def latencies_of(source: Source) -> Latencies:
    """Read the spans that touch the period, as they stood at its end or at the checkpoint before."""
    cut = source.cut
    days, version = deadlines_at(cut)
    rows = ExposureSpan.objects.filter(found_at__lt=cut).exclude(ended_at__lt=source.period.begin)
    names = ("lpar_id", "apar", "severity", "issued_on", "found_at")
    cured, still_open = [], []
    told = rows.order_by("pk").values_list(*names, "ended_at", "ended_by").iterator(chunk_size=2_000)
    for lpar_id, apar, word, issued_on, found_at, ended_at, ended_by in told:
        lpar = source.inventory.lpars.get(lpar_id)
        if lpar is None:
            continue
        severity, open_then = Severity(word), ended_at is None or ended_at >= cut
        cured_at = None if open_then else ended_at
        known = (lpar_id, lpar.name, lpar.team, apar, severity, issued_on, found_at)
        span = Span(*known, cured_at, days[severity])
        if open_then:
            still_open.append(span)
        elif ended_by in CURES:
            cured.append(span)
    return Latencies(cured, still_open, days, version, source.last_day)


def excepted_on(day: date, lpars: Iterable[int]) -> set[int]:
    """Those of the LPARs that an exception covered on a day."""
    rows = LevelException.objects.filter(lpar__in=set(lpars), starts_on__lte=day, expires_on__gte=day)
    return {row.lpar_id for row in rows if row.ended_at is None or row.ended_at.date() > day}
