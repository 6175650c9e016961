"""Which standard change a request is, and whether that still counts: by the ledger."""

from typing import Any

from liveupdate.models import Request, StandardChange
from liveupdate.procedures.catalogue import procedure_named
from portal.audit.events import Event
from portal.audit.said import said_at_all
from portal.lib.canonical import canonical_json, digest

TEMPLATE_EVENTS = (Event.TEMPLATE_WRITE, Event.TEMPLATE_APPROVE, Event.TEMPLATE_END)


def document_of(request: Request) -> dict[str, Any]:
    """Everything that a request asks for but its LPAR and its window.

    The procedure's version is part of it: another way to do it is another change.
    """
    return {
        "procedure": request.procedure,
        "procedure_version": procedure_named(request.procedure).version,
        "team": request.team.slug,
        "media": request.media,
        "target_level": request.target_level,
        "choices": request.choices,
        "consents": sorted(request.consents),
    }


def standard_change_of(request: Request) -> StandardChange | None:
    """The approved template that a request matches byte for byte, or None."""
    wanted = digest(canonical_json(document_of(request)))
    approved = StandardChange.objects.filter(digest=wanted, ended_at=None).exclude(approved_by=None)
    return next((each for each in approved.order_by("pk") if template_counts(wanted)), None)


def template_counts(template_digest: str) -> bool:
    """Whether the ledger holds that somebody else than its author approved it, and nobody ended it."""
    authors: set[str] = set()
    approvers: set[str] = set()
    for entry in said_at_all(TEMPLATE_EVENTS):
        if entry["d"]["template"] != template_digest:
            continue
        if entry["t"] == Event.TEMPLATE_END:
            break
        (approvers if entry["t"] == Event.TEMPLATE_APPROVE else authors).add(entry["actor"]["id"])
    return bool(approvers - authors) and bool(authors)
