"""A finding as plans, pages, commands and rows of the database hold it."""

from collections.abc import Iterable
from typing import Any

from liveupdate.models import StoredFinding
from liveupdate.readiness.base import Check, Evidence, Finding
from liveupdate.readiness.catalogue import CHECK_OF


def finding_document(finding: Finding) -> dict[str, Any]:
    """A finding with the words that explain its check."""
    outcome = finding.outcome
    said = {"message": outcome.message, "curable": outcome.curable, "consent": outcome.consent}
    return _document(finding.check, outcome.state, evidence_document(outcome.evidence), said)


def stored_documents(rows: list[StoredFinding]) -> list[dict[str, Any]]:
    """Stored findings likewise, those of checks that are no more left out."""
    return [
        _document(
            CHECK_OF[row.check_id],
            row.state,
            row.evidence,
            {"message": row.message, "curable": row.curable, "consent": row.consent},
        )
        for row in rows
        if row.check_id in CHECK_OF
    ]


def evidence_document(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    """The observed lines with the hosts and commands that printed them."""
    return [{"host": seen.host, "command": seen.command, "lines": list(seen.lines)} for seen in evidence]


def _document(
    check: Check, state: str, evidence: list[dict[str, Any]], said: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": check.id,
        "title": check.title,
        "state": str(state),
        "severity": check.severity.value,
        "remedy": check.remedy,
        "why": check.why,
        "evidence": evidence,
        **said,
    }
