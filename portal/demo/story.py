"""The main job, driven over HTTP through the pages as two people would: ask, read, approve, watch."""

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from django.utils import timezone

from inventory.models import Lpar
from liveupdate.models import OutputChunk, Request, Run, RunCommand
from portal.audit.state import ledger_state
from portal.demo.visitor import Lost, Page, Visitor

REQUESTER = "ana"
APPROVER = "ivy"
PLAN_TIMEOUT_S = 60.0
RUN_TIMEOUT_S = 150.0
ATTRIBUTE = r'id="{element}"[^>]*?\sdata-{name}="([^"]*)"'

Say = Callable[[str], None]
Pause = Callable[[float], None]


def update_through_pages(address: str, lpar: Lpar, media: str, target_level: str, waiting: "Waiting") -> Run:
    """One Live Update of `lpar`, asked for by Ana and approved by Ivy. Raises Lost where it stops."""
    say = waiting.say
    owner = Visitor.signed_in(address, REQUESTER)
    say(f"Ana signs in and asks for {target_level} on {lpar}.")
    page = _ask(owner, lpar, media, target_level)
    page = waiting.until(owner, page, "request", {"planned", "blocked"}, PLAN_TIMEOUT_S)
    if _read(page, "request", "state") != "planned":
        raise Lost(f"The plan of {page.url} is blocked.", remedy=f"Open {page.url} and read why.")
    digest = _read(page, "request", "plan-digest")
    say(f"The plan is ready: {digest}.")
    page = owner.submit(page, "submit-request")
    say("Ana submits it. She cannot approve it herself: the page offers her no such button.")
    if "approve" in page.forms:
        raise Lost("The requester was offered to approve her own request.")
    approver = Visitor.signed_in(address, APPROVER)
    page = approver.open(page.url)
    if _read(page, "request", "plan-digest") != digest:
        raise Lost("The approver was shown another plan.")
    approver.submit(page, "approve", {"comment": "Read every command."})
    say("Ivy reads the same plan and approves exactly that digest.")
    return _watch(owner, owner.open(page.url), waiting)


def result_of(run: Run, verified: bool, seconds: float) -> dict[str, Any]:
    """What the record says of a finished run, as `make demo-once` prints it."""
    commands = RunCommand.objects.filter(run=run)
    ledger = ledger_state()
    approvals = [approval.person.username for approval in run.plan.approvals.filter(decision="approve")]
    return {
        "request": run.request.number,
        "run": run.pk,
        "plan_digest": run.plan.digest,
        "approver": approvals[-1] if approvals else "",
        "run_state": run.state,
        "level_before": run.level_before,
        "level_after": run.level_after,
        "blackout_s": round((run.blackout_ms or 0) / 1000, 3),
        "commands": commands.count(),
        "output_bytes": sum(len(chunk) for chunk in _output(run)),
        "ledger_size": ledger.size,
        "checkpoint": ledger.root,
        "verified": verified,
        "seconds": round(seconds, 1),
    }


def _output(run: Run) -> list[bytes]:
    return [
        bytes(content) for content in OutputChunk.objects.filter(run=run).values_list("content", flat=True)
    ]


def _ask(owner: Visitor, lpar: Lpar, media: str, target_level: str) -> Page:
    now = timezone.localtime()
    page = owner.open(f"/requests/new/?lpar={lpar.pk}")
    return owner.submit(
        page,
        "request",
        {
            "media": media,
            "target_level": target_level,
            "reason": "Service pack with the security fixes of this quarter",
            "impact": "A pause of some seconds, announced to the payroll team",
            "fallback": "Boot the rollback clone",
            "starts_at": f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M}",
            "ends_at": f"{now + timedelta(hours=4):%Y-%m-%dT%H:%M}",
        },
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """How the story waits for a page to change; `pause` waits for some seconds between two looks."""

    say: Say
    pause: Pause

    def until(self, visitor: Visitor, page: Page, element: str, states: set[str], timeout_s: float) -> Page:
        """Open the page again and again until its state is one of `states`; a web server may start anew."""
        deadline = time.monotonic() + timeout_s
        told = ""
        while (state := _read(page, element, "state")) not in states:
            if state != told:
                self.say(f"  {element}: {state}")
                told = state
            if time.monotonic() > deadline:
                raise Lost(
                    f"{page.url} is {state} after {timeout_s:.0f} s.", remedy="Read the logs of the worker."
                )
            self.pause(0.5)
            with contextlib.suppress(httpx.TransportError):
                page = visitor.open(page.url)
        return page


def _watch(visitor: Visitor, page: Page, waiting: Waiting) -> Run:
    request = Request.objects.get(pk=_number(page.url))
    page = waiting.until(visitor, page, "request", {"started", "finished"}, PLAN_TIMEOUT_S)
    run = Run.objects.get(request=request)
    waiting.say(
        f"A worker runs the plan; {visitor.client.base_url.join(run.get_absolute_url())} shows it live."
    )
    outcome_of(visitor, run, waiting)
    run.refresh_from_db()
    blackout_s = (run.blackout_ms or 0) / 1000
    waiting.say(f"The run {run.state}: {run.level_before} → {run.level_after}, blackout {blackout_s:.1f} s.")
    return run


def outcome_of(visitor: Visitor, run: Run, waiting: Waiting) -> str:
    """Watch the run's page until it is over or a person has to decide. Returns the state; raises Lost."""
    ended = {"succeeded", "succeeded_with_residue", "failed", "aborted", "refused", "needs_person"}
    page = waiting.until(visitor, visitor.open(run.get_absolute_url()), "run", ended, RUN_TIMEOUT_S)
    return _read(page, "run", "state")


def _read(page: Page, element: str, name: str) -> str:
    found = re.search(ATTRIBUTE.format(element=element, name=name), page.text)
    if found is None:
        raise Lost(f"{page.url} answered {page.status} without the {name} of a {element}.")
    return found[1]


def _number(url: str) -> int:
    found = re.search(r"/(\d+)/?$", url)
    if found is None:
        raise Lost(f"{url} is not the page of a request.")
    return int(found[1])
