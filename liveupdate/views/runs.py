"""Runs: live while they run, their record afterwards, at the same address."""

import re
from collections.abc import Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import TemplateView

from inventory.update_states import update_state_words
from liveupdate.actions.runs import MAY_START, Decision, ask_abort, branches_offered, decide, waits_for_choice
from liveupdate.actions.sign_offs import MAY_SIGN
from liveupdate.models import Run, SignOff
from liveupdate.pages.diagnosis import cards_of
from liveupdate.pages.filters import RunFilter
from liveupdate.pages.forms import DecideForm, values_of
from liveupdate.pages.output_lines import lines_around
from liveupdate.pages.plan import ways_out
from liveupdate.pages.run import (
    bar_of,
    blackout_now,
    can_abort,
    files_of,
    hmc_sight,
    phase_steps_of,
    steps_of,
)
from liveupdate.pages.run_feed import RunFeed
from liveupdate.pages.stale import next_round, stale_after
from liveupdate.pages.tables import RunTable
from liveupdate.policies import may_request, standing_approvals
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import Branch
from liveupdate.queries import visible_runs
from liveupdate.records.clone_records import waits_for_sign_off
from liveupdate.records.output_bytes import bytes_of, require_kept
from liveupdate.states import RUN_TERMINAL, RunState, StepState
from liveupdate.views.sign_offs import SignOffForm
from portal.access.policies import Person, roles
from portal.access.requests import person_of
from portal.access.roles import Role
from portal.audit.releases import released_output
from portal.web.downloads import download
from portal.web.lists import ListView
from portal.web.streams import EventStreamResponse

RELATED = ("lpar__host", "lpar__managed_system", "request__team", "request__requester", "plan")


class RunListView(ListView):
    """The runs of the person's teams, or all."""

    table_class = RunTable
    filterset_class = RunFilter
    heading = "Runs"
    lead = "What ran, what runs, and how long the workload stood still"
    empty = "Nothing has run yet."
    export_name = "runs"

    def get_queryset(self) -> QuerySet[Run]:
        """What the person may see."""
        return visible_runs(self.request.user).select_related("lpar__host", "request__team")


class RunView(TemplateView):
    """One run."""

    template_name = "liveupdate/run.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the page shows beside the log, which comes by its own stream."""
        person = person_of(self.request)
        run = get_object_or_404(visible_runs(person).select_related(*RELATED), pk=kwargs["pk"])
        held = roles(person, run.request.team)
        offered = branches_offered(run)
        steps, stale = steps_of(run), stale_after(run)
        return super().get_context_data(
            run=run,
            over=run.state in RUN_TERMINAL,
            bar=bar_of(run),
            steps=steps,
            phases=phase_steps_of(steps),
            failed=[step for step in steps if step.state in (StepState.FAILED, StepState.UNKNOWN)],
            hmc=hmc_sight(run),
            blackout=blackout_now(run),
            left_as=update_state_words(run.lpar.update_state),
            leftovers=run.leftovers.filter(closed_at=None).select_related("owner"),
            commands=run.commands.select_related("step").order_by("number"),
            files=files_of(run),
            stale=stale,
            next_round=next_round(run.lpar, stale) if stale else None,
            may_request=may_request(person, run.request.team),
            signed_off=SignOff.objects.select_related("by").filter(run=run).first(),
            sign_off_form=SignOffForm() if held & MAY_SIGN and waits_for_sign_off(run) else None,
            approvals=standing_approvals(run.plan),
            no_abort=can_abort(run),
            may_abort=bool(held & MAY_START),
            decide_form=_decide_form(run, offered) if Role.OPERATOR in held else None,
            ways_out=ways_out(read_plan(run.plan.document), offered) if offered else (),
            released=released_output(run.pk),
            cards=cards_of(run, may_request=may_request(person, run.request.team)),
            **kwargs,
        )


def _decide_form(run: Run, offered: list[Branch]) -> DecideForm | None:
    if run.state != RunState.NEEDS_PERSON:
        return None
    return DecideForm(branches=offered, may_continue=not waits_for_choice(run))


def _sees(user: Person, pk: int) -> bool:
    return visible_runs(user).filter(pk=pk).exists()


async def run_stream(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The run's server-sent events."""
    user = await request.auser()
    if not await sync_to_async(_sees)(user, pk):
        raise Http404("There is no such run among those you may see.")
    return EventStreamResponse(request, RunFeed(pk), allowed=lambda: _sees(user, pk))


class AbortView(View):
    """Ask to stop a run."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask and go back to the run."""
        get_object_or_404(visible_runs(request.user), pk=pk)
        ask_abort(pk, person_of(request))
        messages.warning(
            request, "The worker stops the run as soon as it can and takes back what it changed."
        )
        return redirect("run", pk=pk)


class DecideView(View):
    """Say how a run that waits for a person goes on."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Decide and go back to the run."""
        run = get_object_or_404(visible_runs(request.user).select_related("plan"), pk=pk)
        wanted = values_of(DecideForm(request.POST, branches=branches_offered(run)))
        decision, _, branch = wanted["decision"].partition(":")
        decide(pk, person_of(request), Decision(decision), wanted["reason"], branch)
        return redirect("run", pk=pk)


class OutputView(View):
    """Every byte of one stream of one command, as received."""

    def get(self, request: HttpRequest, pk: int, number: int, stream: str) -> StreamingHttpResponse:
        """The bytes as a download."""
        run = get_object_or_404(visible_runs(request.user), pk=pk)
        command = get_object_or_404(run.commands, number=number)
        require_kept(command, stream)
        name = f"run-{pk}-command-{number}.{stream}"
        return download(bytes_of(command, stream), name)


class LinesView(TemplateView):
    """Some lines of one stream of one command, around the line that a diagnosis rests on."""

    template_name = "liveupdate/run_lines.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`run`, `command`, `stream`, `number` (the line asked for) and the `lines` around it."""
        runs = visible_runs(person_of(self.request)).select_related(*RELATED)
        run = get_object_or_404(runs, pk=kwargs["pk"])
        command = get_object_or_404(run.commands, number=kwargs["number"])
        wanted = self.request.GET.get("line", "")
        line = int(wanted) if re.fullmatch(r"[0-9]{1,9}", wanted) else 1
        lines = lines_around(command, kwargs["stream"], line)
        return super().get_context_data(**kwargs, run=run, command=command, line=line, lines=lines)


class FileView(View):
    """A file that a step brought home, as it was on its host; never shown, only given out."""

    def get(self, request: HttpRequest, pk: int, number: int) -> StreamingHttpResponse:
        """The bytes as a download under the name that the plan gave it."""
        run = get_object_or_404(visible_runs(request.user), pk=pk)
        command = get_object_or_404(files_of(run), number=number)
        require_kept(command, "stdout")
        return download(bytes_of(command, "stdout"), command.file_name)


class TranscriptView(View):
    """The whole run as text: what of it was let go, each command, then what it printed."""

    def get(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """The transcript as a download."""
        run = get_object_or_404(visible_runs(request.user), pk=pk)
        return download(_transcript(run), f"run-{pk}.txt")


def _transcript(run: Run) -> Iterator[bytes]:
    for words in released_output(run.pk):
        yield f"### {words}\n".encode()
    for command in run.commands.order_by("number"):
        yield f"\n### {command.number} {command.account}@{command.host} $ {command.line}\n".encode()
        for stream in ("stdout", "stderr"):
            if command.file_name and stream == "stdout":
                size, file_digest = command.stdout_bytes, command.stdout_digest
                yield f"### an evidence file: {size} bytes, {file_digest}\n".encode()
                continue
            if stream == "stderr" and command.stderr_bytes:
                yield b"### standard error\n"
            yield from bytes_of(command, stream)
        yield f"\n### {command.number} {command.state}, exit status {command.status}\n".encode()
