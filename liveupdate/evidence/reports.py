"""Compares the reports that are kept with what was entered when they were made."""

from collections.abc import Iterator, Mapping
from typing import Any

from liveupdate.models import StoredReport
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values
from portal.lib.canonical import digest

READY = StoredReport.objects.filter(state=StoredReport.State.READY).order_by("pk")
PAGE = 20


class _OfReports(RowComparison[str]):
    """By the number of a report; one that was made on the command line is not kept."""

    events = frozenset({Event.REPORT_CREATE})

    def see(self, seq: int | None, document: Mapping[str, Any]) -> None:
        """Keep what an entry says of a report that is kept."""
        if "report" in document["sub"]:
            super().see(seq, document)


class Reports(_OfReports):
    """What a report says, and of which ledger, against `report.create`."""

    def said(self, document: Mapping[str, Any]) -> tuple[str, Values]:
        """By its number."""
        data, subject = document["d"], document["sub"]
        about = (subject["kind"], subject["team"], data["ledger_size"], data["ledger_root"])
        return subject["report"], (data["digest"], data["digest"], *about)

    def rows(self) -> Iterator[tuple[str, Values]]:
        """Every report that is ready."""
        for row in READY.select_related("team").defer("pdf", "people").iterator(chunk_size=PAGE):
            about = (row.kind, row.team.slug if row.team else "", row.ledger_size, row.ledger_root)
            yield row.number, (digest(bytes(row.content or b"")), row.digest, *about)

    def name(self, key: str) -> str:
        """Report REP-000012."""
        return f"Report {key}"


class ReportPdfs(_OfReports):
    """The PDF of a report against `report.create`; one with the name of somebody erased is gone."""

    complete = False

    def said(self, document: Mapping[str, Any]) -> tuple[str, Values]:
        """By the report's number."""
        return document["sub"]["report"], (document["d"]["pdf_sha256"],)

    def rows(self) -> Iterator[tuple[str, Values]]:
        """Every PDF that is kept."""
        rows = READY.exclude(pdf=None).only("pdf")
        return ((row.number, (digest(bytes(row.pdf or b"")),)) for row in rows.iterator(chunk_size=PAGE))

    def name(self, key: str) -> str:
        """The PDF of REP-000012."""
        return f"The PDF of {key}"
