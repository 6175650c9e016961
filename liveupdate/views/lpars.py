"""The pages of one LPAR: is it ready, why not, what do we know and since when, what changed."""

from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import get_current_timezone
from django.views import View
from django.views.generic import TemplateView

from inventory.facts.base import ReadingState
from inventory.history import (
    Comparison,
    change_to,
    changes_after,
    changes_before,
    changes_of_last_look,
    new_answers,
)
from inventory.models import FactReading, Lpar
from inventory.policies import visible_lpars
from inventory.software import software_of
from liveupdate.actions.looks import ask_for_look
from liveupdate.models import Run
from liveupdate.pages.diagnosis import failure_of
from liveupdate.pages.disks import disk_rows
from liveupdate.pages.findings import findings_of
from liveupdate.pages.locks import lock_rows
from liveupdate.pages.lpar_calendar import calendar_of
from liveupdate.pages.state import state_of
from liveupdate.policies import may_request
from liveupdate.queries import last_run_of, requests_of
from liveupdate.records.finding_document import stored_documents
from portal.access.requests import person_of

RELATED = ("host__credential", "hmc__host", "managed_system", "nim_master__host", "powervc", "team")


class LparPage(TemplateView):
    """What the pages of one LPAR share: the LPAR, which the person must be allowed to see."""

    tab = ""

    @cached_property
    def lpar(self) -> Lpar:
        """The LPAR of the address."""
        rows = visible_lpars(person_of(self.request), with_retired=True).select_related(*RELATED)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`lpar`, `tab`, `looking`, `may_request`."""
        return super().get_context_data(
            lpar=self.lpar,
            tab=self.tab,
            looking=self.lpar.awaits_look,
            may_request=may_request(person_of(self.request), self.lpar.team),
            **kwargs,
        )


class LparView(LparPage):
    """Readiness first, then identity, level and fixes, disks, requests and runs."""

    template_name = "liveupdate/lpar.html"
    tab = "overview"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`findings` by weight as the last look left them, `seen` (the state), disks, `locks` and
        `others_locks`, software, `calendar`, requests, and what the last run failed of.
        """
        lpar = self.lpar
        last_run = last_run_of(lpar)
        locks = lock_rows(person_of(self.request), lpar)
        return super().get_context_data(
            findings=findings_of(stored_documents(list(lpar.findings.all()))),
            disks=disk_rows(lpar),
            locks=[row for row in locks if not row.lock.of_others],
            others_locks=[row for row in locks if row.lock.of_others],
            software=software_of(lpar),
            calendar=calendar_of(lpar, person_of(self.request)),
            requests=requests_of(lpar)[:10],
            seen=state_of(lpar),
            last_run=last_run,
            failure=failure_of(last_run),
            leftovers=lpar.leftovers.filter(closed_at=None).select_related("owner"),
            **kwargs,
        )


class LparFactsView(LparPage):
    """Every fact with its command, its age, how reading it ended, and the version of its parser."""

    template_name = "liveupdate/lpar_facts.html"
    tab = "facts"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`readings`, those in one state if the address asks so, and `states` with their numbers."""
        current = FactReading.objects.filter(subject=self.lpar.host, current=True)
        rows = list(current.select_related("host").defer("stdout", "stderr"))
        states = {state.value: sum(row.state == state for row in rows) for state in ReadingState}
        wanted = self.request.GET.get("state", "")
        return super().get_context_data(
            readings=[row for row in rows if wanted in ("", row.state)],
            total=len(rows),
            states={state: count for state, count in states.items() if count},
            wanted=wanted,
            **kwargs,
        )


class LparChangesView(LparPage):
    """What changed: since the last run, since the last refresh, or since a day."""

    template_name = "liveupdate/lpar_changes.html"
    tab = "changes"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`run` (the last that ended), `since`, `day`, `compared`, `answers` (the newest that were new)."""
        run = last_run_of(self.lpar)
        since = self.request.GET.get("since") or ("run" if run else "look")
        day = _day(since)
        return super().get_context_data(
            run=run,
            since="day" if day else since,
            day=day,
            compared=self._compared(since, day, run),
            answers=new_answers(self.lpar.host)[:40],
            **kwargs,
        )

    def _compared(self, since: str, day: date | None, run: Run | None) -> Comparison | None:
        host = self.lpar.host
        if day is not None:
            return changes_before(host, datetime.combine(day, time.max, get_current_timezone()))
        if since == "run":
            return changes_after(host, run.ended_at) if run and run.ended_at else None
        return changes_of_last_look(host)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class LookView(View):
    """Have a worker read the facts anew."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask and go back to the LPAR."""
        ask_for_look(person_of(request), pk)
        messages.info(request, "A worker reads the facts now; this page follows.")
        return redirect("lpar", pk=pk)


class ReadingView(LparPage):
    """One reading: the command and every byte that came back, what it changed, and the answers before."""

    template_name = "liveupdate/reading.html"
    tab = "facts"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`reading_`, `change`, `history`."""
        readings = FactReading.objects.filter(subject=self.lpar.host).select_related("host")
        reading = get_object_or_404(readings, pk=self.kwargs["reading"])
        history = readings.filter(fact=reading.fact, key=reading.key).defer("stdout", "stderr")
        return super().get_context_data(
            reading_=reading,
            change=change_to(reading),
            history=history.order_by("-first_read_at")[:25],
            **kwargs,
        )
