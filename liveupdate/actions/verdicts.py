"""Judge an LPAR by its facts, and keep the verdict with the findings that it rests on."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from inventory.actions.facts import stored_facts
from inventory.facts.base import FactSet
from inventory.models import Lpar
from liveupdate.lpar.residue import residue_of
from liveupdate.lpar.state import StateSeen, lpar_state
from liveupdate.models import StoredFinding
from liveupdate.readiness.base import Finding
from liveupdate.readiness.catalogue import Assessment, assess
from liveupdate.records.finding_document import evidence_document
from liveupdate.records.leftovers import note_look
from liveupdate.records.subjects import subject_of_lpar
from liveupdate.rules import rules_digest
from portal.lib.clock import now

SAID = ("state", "severity", "message", "curable", "consent", "undecided")
"""What a check says; while it stays the same, `found_at` does."""


def judge(lpar: Lpar, facts: FactSet) -> Assessment:
    """Judge an LPAR for a Live Update in general by these facts; keeps verdict and findings."""
    subject = subject_of_lpar(lpar, facts)
    assessment, seen = assess(subject), lpar_state(subject)
    days = [date.fromisoformat(answer.good_until) for answer in subject.answers.values()]
    with transaction.atomic():
        Lpar.objects.filter(pk=lpar.pk).update(
            verdict=assessment.verdict,
            judged_by=rules_digest(),
            judge_again_on=min(days) + timedelta(days=1) if days else None,
            **_state(seen),
        )
        if (residue := residue_of(subject, seen)) is not None:
            note_look(lpar, residue)
        _keep(lpar, assessment.findings, now())
    return assessment


def judge_again(lpar: Lpar) -> Assessment:
    """Judge an LPAR by the facts that were read last: after an answer, or with other checks."""
    return judge(lpar, stored_facts(lpar))


def _state(seen: StateSeen) -> dict[str, Any]:
    """Where Live Update left the LPAR, with the lines that say so."""
    basis = {
        "why": seen.why,
        "missing": list(seen.missing),
        "evidence": evidence_document(seen.evidence),
    }
    return {"update_state": seen.state, "update_state_basis": basis, "update_state_at": now()}


def _keep(lpar: Lpar, findings: Sequence[Finding], at: datetime) -> None:
    kept = {row.check_id: row for row in StoredFinding.objects.filter(lpar=lpar)}
    rows = [_row(lpar, finding, at) for finding in findings]
    gone = set(kept) - {row.check_id for row in rows}
    if gone:
        StoredFinding.objects.filter(lpar=lpar, check_id__in=gone).delete()
    StoredFinding.objects.bulk_create(
        [row for row in rows if _is_news(kept.get(row.check_id), row)],
        update_conflicts=True,
        unique_fields=["lpar", "check_id"],
        update_fields=[*SAID, "evidence", "found_at"],
    )


def _row(lpar: Lpar, finding: Finding, at: datetime) -> StoredFinding:
    outcome = finding.outcome
    return StoredFinding(
        lpar=lpar,
        check_id=finding.check.id,
        state=outcome.state,
        severity=finding.check.severity,
        message=outcome.message,
        curable=outcome.curable,
        consent=outcome.consent,
        undecided=finding.undecided,
        evidence=evidence_document(outcome.evidence),
        found_at=at,
    )


def _is_news(kept: StoredFinding | None, row: StoredFinding) -> bool:
    """Whether the row says something else than the kept one; the same sentence keeps its age."""
    if kept is None:
        return True
    if _said(kept) == _said(row):
        row.found_at = kept.found_at
        return bool(kept.evidence != row.evidence)
    return True


def _said(row: StoredFinding) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in SAID)
