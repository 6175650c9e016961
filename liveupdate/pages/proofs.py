"""What a decision on a plan rests on besides the plan: the way back, the preview, earlier blackouts."""

from dataclasses import dataclass
from datetime import datetime

from liveupdate.control.reasons import Reason
from liveupdate.models import CampaignTarget, Request, Run
from liveupdate.procedures.step import Plan
from liveupdate.records.previews import AT_START, AT_SUBMISSION, preview_proof, why_no_preview
from liveupdate.states import RequestState, RunState
from portal.lib.clock import now

SUCCEEDED = (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE)
MEASURED = 5
"""So many of an LPAR's blackouts are told from."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Something that speaks for a plan, or that nobody proved: `tone` is ok, warn or empty."""

    tone: str
    text: str
    at: datetime | None = None
    url: str = ""


def way_back(request: Request, plan: Plan) -> Proof:
    """How the LPAR comes back to its former level, and what proves that it does."""
    disks = plan.parameters.get("rollback_clone", [])
    lasting = any(not step.reversible for step in plan.steps)
    if not disks:
        return Proof("warn", "None by a restart: the plan names no clone.") if lasting else Proof("", "")
    lpar, before = request.lpar, plan.parameters.get("level_before", "")
    clone = f"The clone on {', '.join(disks)}"
    if lpar.clone_made_at is None:
        return Proof("warn", f"{clone}, whose level and age nobody proved.")
    if lpar.clone_level != before:
        return Proof("warn", f"{clone}, of {lpar.clone_level} and not of {before}.", lpar.clone_made_at)
    return Proof("ok", f"{clone}, of {lpar.clone_level}, made and checked by a run.", lpar.clone_made_at)


def preview_of(request: Request, plan: Plan) -> Proof:
    """The newest preview of the same update on this LPAR that ran by itself, and how it ended."""
    proof = preview_proof(request, now())
    if proof is not None:
        fresh = proof.good_until > now()
        said = f"{proof.run.request.number} passed" if fresh else f"{proof.run.request.number}, too long ago"
        return Proof("ok" if fresh else "warn", said, proof.run.ended_at, proof.run.get_absolute_url())
    runs = Run.objects.filter(lpar=request.lpar_id, request__procedure__contains="preview")
    runs = runs.filter(request__media=request.media, request__target_level=request.target_level)
    runs = runs.exclude(ended_at=None).exclude(state__in=SUCCEEDED)
    last = runs.select_related("request").order_by("-ended_at").first()
    if last is not None:
        return Proof("warn", f"{last.request.number} did not pass", last.ended_at, last.get_absolute_url())
    if any(step.phase == "preview" for step in plan.steps):
        return Proof("", "The plan runs it as a gate: without its positive sentence there is no update.")
    return Proof("", "")


def missing_proofs(request: Request, at: datetime) -> list[Reason]:
    """What the site's rule on previews still misses of a request that has a plan."""
    ahead = {
        RequestState.PLANNED: (AT_SUBMISSION, AT_START),
        RequestState.SUBMITTED: (AT_START,),
        RequestState.APPROVED: (AT_START,),
    }
    moments = ahead.get(RequestState(request.state), ())
    return [reason for moment in moments if (reason := why_no_preview(request, at, moment))]


def blackouts_on(request: Request) -> tuple[str, str]:
    """How long a run of this kind makes the LPAR stand still, e.g. `19 to 25 s`, and what that rests on,
    with the budget of its campaign.
    """
    seconds, basis = _blackouts(request)
    target = CampaignTarget.objects.filter(request=request).select_related("campaign").first()
    return seconds, f"{basis}, budget {target.campaign.blackout_s} s" if target else basis


def _blackouts(request: Request) -> tuple[str, str]:
    runs = Run.objects.filter(lpar=request.lpar_id, request__procedure=request.procedure, state__in=SUCCEEDED)
    measured = runs.exclude(blackout_ms=None).order_by("-pk").values_list("blackout_ms", flat=True)
    seconds = sorted(round(each / 1000) for each in measured[:MEASURED] if each is not None)
    if not seconds:
        return "10 to 30 s", "as a rule; none was measured on this LPAR"
    between = f"{seconds[0]}" if seconds[0] == seconds[-1] else f"{seconds[0]} to {seconds[-1]}"
    runs_said = "the last run" if len(seconds) == 1 else f"the last {len(seconds)} runs"
    return f"{between} s", f"in {runs_said} on this LPAR"


def last_failure(request: Request) -> Run | None:
    """The newest run on this LPAR that failed, where none of its kind has succeeded since."""
    runs = Run.objects.filter(lpar=request.lpar_id, request__procedure=request.procedure)
    last = (
        runs.exclude(ended_at=None).exclude(request=request).select_related("request").order_by("-pk").first()
    )
    return last if last is not None and last.state == RunState.FAILED else None
