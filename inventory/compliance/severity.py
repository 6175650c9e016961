"""How severe a fault of IBM's list is: by its CVSS score as CVSS 3.1 names the ranges (section 5)."""

from decimal import Decimal
from enum import StrEnum


class Severity(StrEnum):
    """From the worst on; `HIPER` is IBM's word for highly pervasive faults, which have no score."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    HIPER = "hiper"
    UNRATED = "unrated"

    @property
    def written(self) -> str:
        """As people write it."""
        return self.upper() if self is Severity.HIPER else self.capitalize()


_FROM = (
    (Decimal("9.0"), Severity.CRITICAL),
    (Decimal("7.0"), Severity.HIGH),
    (Decimal("4.0"), Severity.MEDIUM),
)
DAYS = {
    Severity.CRITICAL: 30,
    Severity.HIGH: 30,
    Severity.MEDIUM: 90,
    Severity.LOW: 180,
    Severity.HIPER: 90,
    Severity.UNRATED: 90,
}
"""Days within which a fault is to be cured unless a site says otherwise (PCI 6.3.3: critical in a month)."""


def severity_of(kind: str, cvss: Decimal | None) -> Severity:
    """The severity of a line of the list of type `sec` or `hiper`."""
    if cvss is None:
        return Severity.HIPER if kind == "hiper" else Severity.UNRATED
    return next((severity for least, severity in _FROM if cvss >= least), Severity.LOW)
