"""The preview that proves a plan: a run of the preview on the same LPAR, for the same choices and files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from liveupdate.control.reasons import Reason
from liveupdate.models import Plan, Request, Run
from liveupdate.procedures.catalogue import procedure_named, title_of
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import WriteFile
from liveupdate.states import RunState
from portal.audit.events import Event
from portal.audit.said import said_of
from portal.lib.canonical import digest

PREVIEW_OF = {
    "ifix_live_update": "ifix_preview",
    "local_live_update": "local_preview",
    "local_rehearsal": "local_rehearsal_preview",
    "nim_ifix_live_update": "nim_ifix_preview",
    "nim_live_update": "nim_preview",
    "nim_separate_update": "nim_preview",
    "powervc_live_update": "powervc_preview",
    "separate_update": "local_preview",
}
"""What previews a procedure; for the others nothing is asked."""
AT_SUBMISSION, AT_START = "submit", "start"
NEWEST = 20
"""So many previews of an LPAR are looked through, the newest first."""


@dataclass(frozen=True, slots=True)
class PreviewProof:
    """A preview that succeeded, and until when it proves something."""

    run: Run
    good_until: datetime


def preview_proof(request: Request, at: datetime) -> PreviewProof | None:
    """The newest preview of what the request's plan does, whether it is still good or not.

    It succeeded by the ledger, on the same LPAR, with the same words for everything that both procedures
    ask for, and wrote the same content wherever both write the same file (`lvupdate.data` above all).
    """
    if request.plan is None or request.procedure not in PREVIEW_OF:
        return None
    previews = Run.objects.filter(
        lpar=request.lpar_id,
        request__procedure=PREVIEW_OF[request.procedure],
        state=RunState.SUCCEEDED,
        ended_at__lte=at,
    )
    for run in previews.select_related("request", "plan").order_by("-ended_at")[:NEWEST]:
        assert run.ended_at is not None
        if _asked(run.request, request) and _same_files(run.plan, request.plan) and _is_entered(run):
            return PreviewProof(run, run.ended_at + timedelta(hours=settings.PORTAL_PREVIEW_HOURS))
    return None


def why_no_preview(request: Request, at: datetime, moment: str) -> Reason | None:
    """What the site's rule misses at this moment (AT_SUBMISSION or AT_START), or None."""
    if moment != settings.PORTAL_PREVIEW_PROOF or request.procedure not in PREVIEW_OF:
        return None
    proof = preview_proof(request, at)
    if proof is not None and proof.good_until > at:
        return None
    hours, link = f"{settings.PORTAL_PREVIEW_HOURS:g} hours", ask_for_preview(request)
    preview = title_of(PREVIEW_OF[request.procedure])
    if proof is None:
        message = f"No preview of this plan has succeeded on {request.lpar} in the last {hours}."
        remedy = f"Ask for “{preview}” with the same words, and let it run."
        return Reason("preview_missing", message, remedy, link=link, label="Ask for the preview")
    message = f"The preview of this plan is of {proof.run.ended_at:%Y-%m-%d %H:%M} UTC, older than {hours}."
    return Reason("preview_expired", message, "Run it again.", link=link, label="Ask for the preview")


def ask_for_preview(request: Request) -> str:
    """The form that asks for the preview of a request, filled in."""
    said = {"media": request.media, "target_level": request.target_level, **request.choices}
    asks = {ask.name for ask in procedure_named(PREVIEW_OF[request.procedure]).asks}
    words = {name: text for name, text in said.items() if name in asks and text}
    about = {"lpar": request.lpar_id, "procedure": PREVIEW_OF[request.procedure]}
    reason = f"Preview of {request.number}"
    return f"{reverse('new-request')}?{urlencode({**about, **words, 'reason': reason})}"


def _asked(preview: Request, request: Request) -> bool:
    """Whether both say the same wherever both procedures ask."""
    here = {"media": request.media, "target_level": request.target_level, **request.choices}
    there = {"media": preview.media, "target_level": preview.target_level, **preview.choices}
    asked = {ask.name for ask in procedure_named(request.procedure).asks}
    both = asked & {ask.name for ask in procedure_named(preview.procedure).asks}
    return all(here.get(name, "") == there.get(name, "") for name in both)


def _same_files(preview: Plan, plan: Plan) -> bool:
    previewed = dict(_written(preview))
    return all(previewed.get(path, content) == content for path, content in _written(plan))


def _written(plan: Plan) -> Iterator[tuple[str, str]]:
    for step in read_plan(plan.document).steps:
        if isinstance(step.action, WriteFile):
            yield step.action.path, step.action.content


def _is_entered(run: Run) -> bool:
    """Whether the ledger says of exactly this plan that its run succeeded."""
    if digest(run.plan.document.encode()) != run.plan.digest:
        return False
    for entry in said_of(run.request.number, [Event.RUN_END]):
        if (entry["sub"].get("run"), entry["sub"].get("plan")) == (run.pk, run.plan.digest):
            return bool(entry["d"]["state"] == RunState.SUCCEEDED)
    return False
