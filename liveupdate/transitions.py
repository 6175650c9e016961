"""Moves of runs and requests between their states, for people's actions and the engine alike."""

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from inventory.actions.discovery import ask_discovery
from inventory.models import Lpar
from liveupdate.actions.notices import AT_ONCE, tell
from liveupdate.control.notices import Occasion
from liveupdate.dispatch import ring_on_commit
from liveupdate.models import Request, Run, RunEvent
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.records.leftovers import note_run
from liveupdate.records.recipients import requester_and_operators
from liveupdate.records.reservations import release_disks
from liveupdate.states import RUN_TERMINAL, RequestState, RunState, check_request_move, check_run_move
from portal.audit.actor import Actor

TELLS = {
    RunState.CONTACT_LOST: Occasion.CONTACT_LOST,
    RunState.NEEDS_PERSON: Occasion.NEEDS_PERSON,
    RunState.FAILED: Occasion.FAILED,
    RunState.SUCCEEDED: Occasion.SUCCEEDED,
    RunState.SUCCEEDED_WITH_RESIDUE: Occasion.RESIDUE,
}
"""States of a run that people are told of by mail."""
OUT_OF_CONTACT_FOR = timedelta(minutes=2)


def enter_state(run: Run, state: RunState, *, reason: str = "", outcome: str = "") -> None:
    """Move a run whose row is locked, and its request with it when the state is final.

    The caller enters it into the ledger. Raises Conflict for a move that states do not allow.
    """
    check_run_move(RunState(run.state), state)
    changes: dict[str, Any] = {"state": state, "reason": reason}
    if outcome:
        changes["outcome"] = outcome
    if state is RunState.RUNNING and run.started_at is None:
        changes["started_at"] = Now()
    if state in RUN_TERMINAL:
        changes["ended_at"] = Now()
    if state in RUN_TERMINAL or state is RunState.NEEDS_PERSON:
        changes |= {"owner": "", "lease_until": None}
    Run.objects.filter(pk=run.pk).update(**changes)
    run.refresh_from_db()
    if state in RUN_TERMINAL:
        _finish_request(run)
        if run.started_at is not None:
            note_run(run)
            _look_again(run)
    data = {"state": state.value, "reason": reason, "outcome": run.outcome}
    event = RunEvent.objects.create(run=run, kind=RunEvent.Kind.STATE, data=data)
    if state in TELLS:
        _tell(run, state, reason or run.outcome, event)


def _tell(run: Run, state: RunState, why: str, event: RunEvent) -> None:
    """Tell by mail what became of a run; out of contact only if it stays so for a while."""
    request, lost = run.request, state is RunState.CONTACT_LOST
    tell(
        TELLS[state],
        [request.requester] if state is RunState.SUCCEEDED else requester_and_operators(request),
        request,
        run=run,
        matter=str(event.pk),
        reasons=[why],
        only_while=state if lost or state is RunState.NEEDS_PERSON else "",
        after=OUT_OF_CONTACT_FOR if lost else AT_ONCE,
    )


def move_request(request: Request, state: RequestState, reason: str) -> None:
    """Move a request whose row is locked; one that is there already stays. Raises Conflict as states do."""
    if request.state != state:
        check_request_move(RequestState(request.state), state)
    request.state, request.state_reason = state, reason
    request.save(update_fields=["state", "state_reason", "updated_at"])


def _look_again(run: Run) -> None:
    """What a run did makes the facts about the LPAR old, and perhaps what is known of its NIM master."""
    Lpar.objects.filter(pk=run.lpar_id).update(look_asked_at=Now())
    ring_on_commit("look", run.lpar_id)
    procedure = PROCEDURES.get(run.request.procedure)
    if procedure is not None and procedure.changes_nim and run.lpar.nim_master is not None:
        discovery = ask_discovery(run.lpar.nim_master.host, by=Actor.portal())
        ring_on_commit("discovery", discovery.pk)


def _finish_request(run: Run) -> None:
    request = Request.objects.select_for_update().get(pk=run.request_id)
    check_request_move(RequestState(request.state), RequestState.FINISHED)
    request.state = RequestState.FINISHED
    request.state_reason = run.outcome
    request.save(update_fields=["state", "state_reason", "updated_at"])
    release_disks(request)


def result_of(run: Run) -> dict[str, str | int | None]:
    """What the ledger says of a run that is over."""
    return {
        "state": str(run.state),
        "outcome": run.outcome,
        "level_before": run.level_before,
        "level_after": run.level_after,
        "blackout_ms": run.blackout_ms,
    }
