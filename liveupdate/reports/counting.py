"""Figures and terms of what entries alone give, under the keys that the stand-alone verifier counts by."""

from liveupdate.reports.document import ColumnType, Evidence, Figure, Share, Term
from liveupdate.reports.source import Source


def counted(
    source: Source,
    key: str,
    title: str,
    denominator: str = "",
    *,
    type_: ColumnType = ColumnType.NUMBER,
    must_be: int | None = None,
    evidence: tuple[Evidence, ...] = (),
) -> Figure:
    """A figure that the verifier recounts."""
    value = source.figures[key]
    shown = Share(**value) if isinstance(value, dict) else value
    return Figure(key, title, shown, type_, denominator, must_be, evidence)


def term(source: Source, key: str, title: str) -> Term:
    """One number of an equation that the verifier recounts."""
    return Term(title, source.figures[key])
