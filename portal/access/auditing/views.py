"""The ledger's pages, for auditors and administrators."""

import json
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Max, Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views import View
from django.views.generic import TemplateView

from portal.access.auditing.facets import facets_of
from portal.access.auditing.filters import EntryFilter
from portal.access.auditing.people import with_names
from portal.access.auditing.readings import enter_reading
from portal.access.auditing.tables import EntryTable, actor_words
from portal.access.policies import require
from portal.access.requests import person_of
from portal.access.roles import Role
from portal.audit import queries
from portal.audit.actor import Actor
from portal.audit.chunks import ChunkDamaged
from portal.audit.events import Event
from portal.audit.models import Checkpoint, Intake
from portal.audit.neighbours import changes_since, next_of, previous_of, siblings_of
from portal.audit.record import record
from portal.audit.releases import output_or_words, release_of_entry
from portal.audit.state import ledger_state
from portal.audit.trust import trust
from portal.audit.verification.part import verify_part
from portal.audit.verification.whole import keep, verify_ledger
from portal.lib.errors import Conflict, Invalid
from portal.web.lists import ListView

READERS = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})
VERIFIED_HERE = 200_000
"""Entries that a page verifies while somebody waits; more is a matter for `audit_verify`."""


class LedgerReaders(View):
    """Lets auditors and administrators in, whoever holds that role for all teams."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raises NotAllowed."""
        require(person_of(request), READERS, None, "read the ledger")
        return super().dispatch(request, *args, **kwargs)


class LedgerView(LedgerReaders, ListView):
    """The entries, under what is known of the ledger as a whole."""

    template_name = "audit/ledger.html"
    table_class = EntryTable
    filterset_class = EntryFilter
    heading = "Audit"
    lead = (
        "Everything that people, workers and the portal did, in a ledger that shows every change made to it"
    )
    empty = "Nothing was entered yet."
    export_name = "ledger"

    def get_queryset(self) -> QuerySet[Intake]:
        """Every entry."""
        return with_names(queries.entries())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The list, or its rows as a file; that somebody reads it is entered too."""
        enter_reading(request, request.GET)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`ledger`: its state; `facets`; `searched`: what a search of output came to."""
        facets = facets_of(self.rows, self.request.GET)
        searched = getattr(self.filterset, "found_in_output", None)
        return super().get_context_data(ledger=ledger_state(), facets=facets, searched=searched, **kwargs)


class HealthView(LedgerReaders, TemplateView):
    """What the ledger's word rests on: chain, anchors, queue, verification, restores, alarms."""

    template_name = "audit/health.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`trust`."""
        return super().get_context_data(trust=trust(), **kwargs)


class EntryView(LedgerReaders, TemplateView):
    """One entry: what it says, its exact bytes, and how far it is proven."""

    template_name = "audit/entry.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`entry`, `document`, `actor`, `text` (its bytes), `proof`, and the entries around it."""
        entry = get_object_or_404(with_names(queries.entries()), pk=kwargs["pk"])
        document = queries.document(entry)
        before, changes = changes_since(entry)
        return super().get_context_data(
            entry=entry,
            actor=actor_words(entry),
            document=document,
            subject=document.get("sub", {}),
            data=json.dumps(document.get("d", {}), indent=2, ensure_ascii=False),
            text=bytes(entry.content).decode(errors="backslashreplace"),
            output=_output(document, queries.seq_of(entry)),
            release=None if entry.content else release_of_entry(queries.seq_of(entry)),
            proof=queries.prove(entry),
            siblings=EntryTable(with_names(siblings_of(entry)), orderable=False),
            previous=previous_of(entry),
            next=next_of(entry),
            before=before,
            changes=changes,
            **kwargs,
        )


class EntryBytesView(LedgerReaders):
    """The exact bytes of an entry: what the tree hashes."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A download."""
        entry = get_object_or_404(Intake, pk=pk)
        enter_reading(request, {"entry": str(pk)})
        return _download(bytes(entry.content), "application/json", f"entry-{pk}.json")


class EntryProofView(LedgerReaders):
    """The proof that an entry is in the signed ledger, as other tools read it."""

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        """A download. Raises Conflict where the entry is not signed yet."""
        proof = queries.prove(get_object_or_404(queries.entries(), pk=pk))
        return _download(queries.proof_text(proof).encode(), "text/plain", f"entry-{pk}.tlog-proof")


class CheckpointView(LedgerReaders):
    """The newest signed checkpoint."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """A download. Raises Conflict before the first one."""
        checkpoint = Checkpoint.objects.order_by("-size").first()
        if checkpoint is None:
            raise Conflict("Nothing is signed yet.", remedy="Start the sealer.", code="nothing_signed")
        return _download(checkpoint.note.encode(), "text/plain", "checkpoint")


class VerifyPartView(LedgerReaders):
    """Verify the entries that a filter of the list leaves, with all that stand between them."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Verify, enter the result into the ledger, and go back to the list. Raises Invalid, Conflict."""
        query = QueryDict(request.POST.get("query", ""))
        chosen = EntryFilter(query, queryset=queries.entries())
        ends = chosen.qs.order_by().aggregate(first=Min("entry__seq"), last=Max("entry__seq"))
        if not chosen.is_valid() or ends["first"] is None:
            raise Invalid(
                "No entry that has its place matches the filter.",
                remedy="Change the filter.",
                code="nothing_to_export",
            )
        report = verify_part(ends["first"], ends["last"])
        said = {"first": report.first, "last": report.last, "ok": not report.problem, "size": report.size}
        with transaction.atomic():
            who = Actor.person(person_of(request).public_id)
            record(Event.LEDGER_VERIFY, who, {}, {**said, "first_bad": report.problem or None})
        about = f"Entries #{report.first:,} to #{report.last:,} ({report.count:,})"
        if report.problem:
            messages.error(request, f"{about}: {report.problem}")
        else:
            messages.success(
                request, f"{about} are, byte for byte, those signed in the ledger of {report.size:,}."
            )
        return redirect(f"{reverse('audit')}?{query.urlencode()}")


class VerifyView(LedgerReaders):
    """Verify the whole ledger now."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Verify, remember the result, enter it into the ledger, and go back. Raises Conflict."""
        size = ledger_state().size
        if size > VERIFIED_HERE:
            raise Conflict(
                f"The ledger has {size:,} entries: too many to verify while you wait.",
                remedy="Run `manage.py audit_verify`; this page shows its result.",
                code="too_many_entries",
            )
        report = verify_ledger()
        first = report.first_bad
        with transaction.atomic():
            keep(report)
            record(
                Event.LEDGER_VERIFY,
                Actor.person(person_of(request).public_id),
                {},
                {
                    "ok": report.ok,
                    "size": report.size,
                    "root": report.root,
                    "first_bad": first and first.message,
                },
            )
        if first:
            messages.error(request, first.message)
        else:
            messages.success(
                request, f"Verified {report.size:,} entries in {report.seconds:.1f} s: all good."
            )
        return redirect("audit")


def _output(document: dict[str, Any], seq: int | None) -> str:
    """The output whose digests an entry holds; where it cannot be shown, why."""
    try:
        pieces = [output_or_words(name, seq) for name in document.get("d", {}).get("chunks", ())]
    except ChunkDamaged as error:
        return error.message
    return b"".join(pieces).decode(errors="backslashreplace")


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
