"""Figures and terms of what entries alone give, under the keys that the stand-alone verifier counts by."""

from liveupdate.reports.document import ColumnType, Evidence, Figure, Term
from liveupdate.reports.source import Source


def counted(
    source: Source,
    key: str,
    title: str,
    denominator: str = "",
    *,
    must_be: int | None = None,
    evidence: tuple[Evidence, ...] = (),
) -> Figure:
    """A figure that the verifier recounts."""
    return Figure(key, title, source.figures[key], ColumnType.NUMBER, denominator, must_be, evidence)


def term(source: Source, key: str, title: str) -> Term:
    """One number of an equation that the verifier recounts."""
    return Term(title, source.figures[key])
