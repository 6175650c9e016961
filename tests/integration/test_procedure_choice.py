"""Choosing a procedure: what the form asks, what the LPAR's state forbids, what is kept and held."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from inventory.facts.base import FactSet
from liveupdate.actions.requests import ASKING
from liveupdate.actions.runs import start_run
from liveupdate.lpar.consents import Consent
from liveupdate.models import DiskReservation, Request
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.records.surrogates import approved_on
from liveupdate.states import LparState, RequestState
from portal.audit.models import Intake
from portal.lib.clock import now
from tests.fleet import CONSENTS as NEEDED
from tests.fleet import Fleet, make_fleet, plan_from_stored_facts
from tests.request_pages import forms_of, opened, sent, wish

CONSENTS = tuple(consent.value for consent in Consent)
pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def address(fleet: Fleet, **more: str) -> str:
    query = "".join(f"&{name}={value}" for name, value in more.items())
    return reverse("new-request") + f"?lpar={fleet.lpars['pay01'].pk}{query}"


def fields_of(page: str) -> set[str]:
    form = page[page.index('id="request"') :]
    return set(re.findall(r'<(?:input|textarea|select)[^>]*\bname="([^"]+)"', form[: form.index("</form>")]))


def test_the_form_asks_what_the_chosen_procedure_needs(fleet: Fleet) -> None:
    usual = opened(fleet, "ana", address(fleet))
    assert forms_of(usual) == {"choose", "request"}
    assert {"media", "target_level", "procedure"} <= fields_of(usual)
    assert '<optgroup label="Update">' in usual

    clone = opened(fleet, "ana", address(fleet, procedure="rollback_clone", reason="Before+the+pack"))
    assert "clone_disks" in fields_of(clone)
    assert not {"media", "target_level"} & fields_of(clone)
    assert "Before the pack" in clone, "what was filled in before is kept"
    assert 'value="rollback_clone" selected' in clone
    assert fields_of(opened(fleet, "ana", address(fleet, procedure="nothing"))) == fields_of(usual)


def consents_of(page: str) -> list[str]:
    return re.findall(r'name="consents" value="([^"]+)"', page)


def test_only_what_the_procedures_plans_may_need_is_offered(fleet: Fleet) -> None:
    update = consents_of(opened(fleet, "ana", address(fleet)))
    assert set(update) == PROCEDURES["local_live_update"].consents
    assert not {"replace_clone", "remove_left_partition", "edit_nim_method"} & set(update)
    clone = consents_of(opened(fleet, "ana", address(fleet, procedure="rollback_clone")))
    assert set(clone) == {"replace_clone", "trusted_execution_off"}
    checks = opened(fleet, "ana", address(fleet, procedure="post_check"))
    assert "What the plan may do" not in checks
    needed = opened(fleet, "ana", reverse("new-request") + f"?lpar={fleet.lpars['pay02'].pk}")
    assert set(consents_of(needed)[: needed.count("this LPAR needs it")]) == set(NEEDED)


def test_the_form_assesses_nothing_and_costs_few_queries(
    fleet: Fleet, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FactSet, "value", None)
    client = Client()
    client.force_login(fleet.ana)
    for procedure in PROCEDURES:
        with django_assert_max_num_queries(10):
            assert client.get(address(fleet, procedure=procedure)).status_code == 200


def test_what_is_said_is_kept_shown_edited_and_in_the_ledger(fleet: Fleet) -> None:
    said = wish(procedure="rollback_clone") | {"clone_disks": " hdisk2 \n"}
    answer = sent(fleet, "ana", address(fleet), **{k: v for k, v in said.items() if k != "media"})
    request = Request.objects.get()
    assert answer["location"] == request.get_absolute_url()
    assert (request.media, request.target_level, request.choices) == ("", "", {"clone_disks": "hdisk2"})
    entry = Intake.objects.filter(event__in=ASKING).get()
    assert b'"choices":{"clone_disks":"hdisk2"}' in bytes(entry.content)
    page = opened(fleet, "ana", request.get_absolute_url())
    assert "pay01: Make a rollback clone of rootvg" in page

    Request.objects.update(state=RequestState.BLOCKED)
    edit = reverse("edit-request", args=[request.pk])
    assert "hdisk2</textarea>" in opened(fleet, "ana", edit)
    sent(fleet, "ana", edit, **said | {"clone_disks": "hdisk2\nhdisk3", "version": request.version})
    request.refresh_from_db()
    assert request.choices == {"clone_disks": "hdisk2\nhdisk3"}
    wrong = sent(fleet, "ana", address(fleet), **said | {"clone_disks": "hdisk2; halt"})
    assert wrong.status_code == 200
    assert "errorlist" in wrong.content.decode()


def test_what_the_state_forbids_is_disabled_with_its_reason_and_refused(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    lpar.update_state = LparState.FAILED_DIRTY
    lpar.save()
    page = opened(fleet, "ana", address(fleet, procedure="rollback_clone"))
    assert re.search(r'<option value="local_live_update" disabled>[^<]*\(not now\)', page)
    assert "Collect the logs and clean up first." in page
    answer = sent(fleet, "ana", address(fleet), **wish())
    assert answer.status_code == 200
    assert "Collect the logs and clean up first." in answer.content.decode()
    assert not Request.objects.exists()


def test_what_moves_no_workload_wants_no_surrogate(fleet: Fleet) -> None:
    """Judged by its own checks; it holds no spare disks, and no capacity while approved or running."""
    said: dict[str, Any] = {"procedure": "remove_old_rootvg", "media": "", "target_level": ""}
    request = fleet.asked(**said)
    request = plan_from_stored_facts(request)
    assert {finding["id"] for finding in request.findings} == {"RQ-150", "RQ-177"}
    assert not DiskReservation.objects.filter(request=request, released_at=None).exists()
    other = fleet.approved("pay02", consents=CONSENTS)
    Request.objects.filter(pk=other.pk).update(procedure="remove_old_rootvg")
    assert not approved_on(other.lpar.managed_system_id).filter(pk=other.pk).exists()
    run = start_run(other.pk)
    assert (run.surrogate_memory_mb, run.surrogate_cores) == (0, Decimal())
    page = Client()
    page.force_login(fleet.ana)
    assert page.get(run.get_absolute_url()).status_code == 200


def test_while_a_look_is_outstanding_the_old_state_refuses_nothing(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    read_at = now() - timedelta(minutes=30)
    lpar.update_state, lpar.facts_read_at, lpar.look_asked_at = LparState.FAILED_DIRTY, read_at, None
    lpar.save()
    page = opened(fleet, "ana", address(fleet))
    assert "<b>Not now.</b>" in page and "goes by facts read <time" in page
    assert sent(fleet, "ana", address(fleet), **wish()).status_code == 200

    lpar.look_asked_at = now()
    lpar.save()
    page = opened(fleet, "ana", address(fleet))
    assert "<b>Not now.</b>" not in page and "<b>The facts are of before.</b> They were read" in page
    assert sent(fleet, "ana", address(fleet), **wish()).status_code == 302
