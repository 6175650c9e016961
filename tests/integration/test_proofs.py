"""A preview that proves a plan, and the way back that a change of level needs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from inventory.actions.facts import stored_facts
from inventory.facts.aix.lspv import LSPV
from liveupdate.actions.gates import nothing_blocks, preview_proved
from liveupdate.actions.requests import submit_request
from liveupdate.lpar.lvupdate_data import PATH
from liveupdate.models import Plan, Run
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.records.previews import PREVIEW_OF, ask_for_preview, preview_proof
from liveupdate.states import RequestState, RunState
from liveupdate.transitions import enter_state, result_of
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now
from portal.lib.errors import Conflict
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def previewed(fleet: Fleet, state: RunState = RunState.SUCCEEDED, **changes: Any) -> Run:
    """A preview of the usual update that ended, as the engine writes and enters it."""
    run = fleet.queued(procedure="local_preview", **changes)
    with transaction.atomic():
        enter_state(run, RunState.RUNNING)
        enter_state(run, state, outcome="previewed")
        subject = {"request": run.request.number, "plan": run.plan.digest, "lpar": run.lpar.name}
        record(Event.RUN_END, Actor.worker("w1"), subject, result_of(run), run=run.pk, epoch=1)
    return run


def test_every_preview_and_what_it_previews_are_procedures() -> None:
    assert {*PREVIEW_OF, *PREVIEW_OF.values()} <= set(PROCEDURES)


def test_without_the_rule_no_preview_is_asked_for(fleet: Fleet) -> None:
    assert fleet.submitted().state == RequestState.SUBMITTED


def test_no_preview_no_submission_and_the_refusal_leads_to_one(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_PREVIEW_PROOF = "submit"
    planned = fleet.planned()
    assert planned.plan is not None
    with pytest.raises(Conflict) as refused:
        submit_request(fleet.ana, planned.pk, planned.plan.digest)
    assert (refused.value.code, refused.value.label) == ("preview_missing", "Ask for the preview")
    assert refused.value.link == ask_for_preview(planned)


def test_the_form_that_asks_for_the_preview_is_filled_in(fleet: Fleet, client: Client) -> None:
    planned = fleet.planned()
    client.force_login(fleet.ana)
    page = client.get(ask_for_preview(planned)).content.decode()
    assert planned.media in page and f"Preview of {planned.number}" in page
    assert PROCEDURES["local_preview"].title in page


def test_a_preview_of_the_same_lets_it_be_submitted(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_PREVIEW_PROOF = "submit"
    run = previewed(fleet)
    planned = fleet.planned()
    proof = preview_proof(planned, now())
    assert proof is not None and proof.run == run
    assert planned.plan is not None
    submit_request(fleet.ana, planned.pk, planned.plan.digest)


@pytest.mark.parametrize(
    ("change", "code"),
    [("media", "preview_missing"), ("old", "preview_expired"), ("failed", "preview_missing")],
)
def test_a_preview_of_something_else_or_of_long_ago_proves_nothing(
    fleet: Fleet, settings: Any, change: str, code: str
) -> None:
    settings.PORTAL_PREVIEW_PROOF = "start"
    run = previewed(fleet, RunState.FAILED if change == "failed" else RunState.SUCCEEDED)
    if change == "old":
        Run.objects.filter(pk=run.pk).update(ended_at=now() - timedelta(hours=73))
    planned = fleet.planned()
    if change == "media":
        planned.media = "nim01:/export/other"
    reason = preview_proved(planned, stored_facts(planned.lpar), now())
    assert reason is not None and reason.code == code


def test_a_preview_with_another_lvupdate_data_proves_nothing(fleet: Fleet) -> None:
    previewed(fleet)
    planned = fleet.planned()
    assert planned.plan is not None
    document = json.loads(planned.plan.document)
    (written,) = [step["action"] for step in document["steps"] if step["action"].get("path") == PATH]
    written["content"] += "# by hand\n"
    planned.plan.document = json.dumps(document)
    assert preview_proof(planned, now()) is None


def test_a_preview_that_the_ledger_does_not_know_proves_nothing(fleet: Fleet) -> None:
    run = previewed(fleet, RunState.FAILED)
    Run.objects.filter(pk=run.pk).update(state=RunState.SUCCEEDED)
    assert preview_proof(fleet.planned(), now()) is None
    forged = previewed(fleet)
    Plan.objects.filter(pk=forged.plan_id).update(
        document=forged.plan.document.replace("preview", "Preview", 1)
    )
    assert preview_proof(fleet.planned(), now()) is None


def test_the_page_offers_the_preview_that_is_missing(fleet: Fleet, client: Client, settings: Any) -> None:
    settings.PORTAL_PREVIEW_PROOF = "start"
    planned = fleet.planned()
    client.force_login(fleet.ana)
    page = client.get(planned.get_absolute_url()).content.decode()
    assert 'id="unproven"' in page and "Ask for the preview" in page
    previewed(fleet)
    assert 'id="unproven"' not in client.get(planned.get_absolute_url()).content.decode()


def test_a_way_back_that_is_gone_holds_the_start(fleet: Fleet) -> None:
    approved = fleet.approved()
    reading = approved.lpar.host.readings_about.get(fact=LSPV.name, current=True)
    assert nothing_blocks(approved, stored_facts(approved.lpar), now()) is None
    reading.stdout = reading.stdout.replace("altinst_rootvg", "None          ")
    reading.save()
    reason = nothing_blocks(approved, stored_facts(approved.lpar), now())
    assert reason is not None and reason.code == "not_ready" and "RQ-120" in reason.message
