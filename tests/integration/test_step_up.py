"""Proof that it is still the person: when it is asked for, how long it counts, what the ledger says."""

import json
from datetime import timedelta
from typing import Any

import pytest
from axes.utils import reset
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from liveupdate.actions.approvals import approve
from liveupdate.models import Approval, Request
from portal.access.factors import Factor
from portal.access.models import User
from portal.access.step_up import StepUpNeeded, factor_of, prove, require_proof
from portal.audit.models import Intake
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet
from tests.second_factor import PASSWORD, app_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    reset()
    fleet = make_fleet()
    fleet.ivy.set_password(PASSWORD)
    fleet.ivy.save()
    return fleet


@pytest.fixture
def request_() -> HttpRequest:
    request = HttpRequest()
    request.session = Client().session
    return request


def decide(client: Client, asked: Request, verb: str = "approve") -> Any:
    assert asked.plan
    data = {"plan_digest": asked.plan.digest, "version": str(asked.version), "reason": "r", "comment": ""}
    page = f"http://testserver{asked.get_absolute_url()}"
    return client.post(reverse(verb, args=[asked.pk]), data, headers={"Referer": page})


def last_entry() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bytes(Intake.objects.latest("pk").content))
    return document


def unconfirmed(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_stronger_factor_is_enough_for_the_weaker(request_: HttpRequest) -> None:
    require_proof(request_, Factor.NONE)
    with pytest.raises(StepUpNeeded):
        require_proof(request_, Factor.PASSWORD)
    prove(request_, Factor.PASSWORD)
    require_proof(request_, Factor.PASSWORD)
    with pytest.raises(StepUpNeeded):
        require_proof(request_, Factor.SECOND_FACTOR)
    prove(request_, Factor.SECOND_FACTOR)
    require_proof(request_, Factor.PASSWORD)


def test_a_proof_grows_old(request_: HttpRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    prove(request_, Factor.SECOND_FACTOR)
    later = now() + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr("portal.access.step_up.now", lambda: later)
    assert factor_of(request_) is Factor.NONE


def test_a_proof_for_one_action_counts_for_it_alone_and_once(request_: HttpRequest) -> None:
    prove(request_, Factor.PASSWORD, "make-token")
    with pytest.raises(StepUpNeeded):
        require_proof(request_, Factor.PASSWORD)
    with pytest.raises(StepUpNeeded):
        require_proof(request_, Factor.PASSWORD, "another")
    require_proof(request_, Factor.PASSWORD, "make-token")
    with pytest.raises(StepUpNeeded):
        require_proof(request_, Factor.PASSWORD, "make-token")


@pytest.mark.parametrize("rule", ["password", "second_factor"])
def test_an_approval_waits_for_the_proof(fleet: Fleet, settings: Any, rule: str) -> None:
    settings.PORTAL_STEP_UP = rule
    app, asked, client = app_of(fleet.ivy), fleet.submitted(), unconfirmed(fleet.ivy)
    answer = decide(client, asked)
    assert answer["Location"] == (
        f"/confirm/?wanted={rule}&action=&next={asked.get_absolute_url().replace('/', '%2F')}"
    )
    assert not Approval.objects.exists()
    assert last_entry()["t"] != "approval.refused"
    given = {"password": PASSWORD} if rule == "password" else {"code": app.code()}
    assert client.post(answer["Location"], given)["Location"] == asked.get_absolute_url()
    assert decide(client, asked)["Location"] == asked.get_absolute_url()
    assert Approval.objects.get().decision == "approve"
    assert (last_entry()["t"], last_entry()["d"]["factor"]) == ("approval.grant", rule)


def test_a_password_does_for_no_second_factor(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_STEP_UP = "second_factor"
    asked, client = fleet.submitted(), signed_in("ivy")
    asking = decide(client, asked)["Location"]
    assert "you have none" in client.get(asking).content.decode()
    client.post(asking, {"password": PASSWORD, "code": "000000"})
    assert decide(client, asked).status_code == 302
    assert not Approval.objects.exists()


def test_signing_in_a_moment_ago_is_proof_enough(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_STEP_UP = "password"
    decide(signed_in("ivy"), fleet.submitted())
    assert Approval.objects.get().decision == "approve"


def test_a_rejection_waits_for_nothing_and_says_what_was_given(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_STEP_UP = "second_factor"
    decide(unconfirmed(fleet.ivy), fleet.submitted(), "reject")
    assert (last_entry()["t"], last_entry()["d"]["factor"]) == ("approval.deny", "none")


def test_who_may_not_decide_hears_that_and_is_asked_for_nothing(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_STEP_UP = "password"
    assert decide(unconfirmed(fleet.ana), fleet.submitted()).status_code == 403


def test_the_action_itself_asks(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_STEP_UP = "second_factor"
    asked = fleet.submitted()
    assert asked.plan
    with pytest.raises(StepUpNeeded):
        approve(fleet.ivy, asked.pk, asked.plan.digest, factor=Factor.PASSWORD)


@pytest.mark.threat("T18")
@pytest.mark.asvs("7.2.4")
def test_confirming_makes_a_new_session_id_and_leads_only_within_the_site(fleet: Fleet) -> None:
    client = unconfirmed(fleet.ivy)
    before = client.session.session_key
    address = "/confirm/?wanted=password&next=https://elsewhere.example/"
    assert "elsewhere" not in client.get(address).content.decode()
    assert client.post(address, {"password": PASSWORD})["Location"] == "/"
    assert client.session.session_key != before
    thief = Client()
    thief.cookies["lu"] = str(before)
    assert thief.get("/account/").status_code == 302


@pytest.mark.threat("T19")
@pytest.mark.asvs("6.3.1")
def test_a_wrong_password_proves_nothing_and_ten_lock(fleet: Fleet) -> None:
    client = unconfirmed(fleet.ivy)
    for _ in range(9):
        page = client.post("/confirm/?wanted=password", {"password": "wrong"})
        assert "The password is wrong" in page.content.decode()
    assert client.post("/confirm/?wanted=password", {"password": "wrong"}).status_code == 429
    assert client.post("/confirm/?wanted=password", {"password": PASSWORD}).status_code == 429
    assert client.post("/account/second-factor/begin/")["Location"].startswith("/confirm/")


def test_confirming_leads_back_to_the_place_in_the_inbox(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_STEP_UP = "password"
    asked, client = fleet.submitted(), unconfirmed(fleet.ivy)
    assert asked.plan
    answer = client.post(
        reverse("approve", args=[asked.pk]),
        {"plan_digest": asked.plan.digest, "version": asked.version, "comment": ""},
        headers={"Referer": f"http://testserver/approvals/?open={asked.pk}"},
    )
    back = client.post(answer["Location"], {"password": PASSWORD})["Location"]
    assert back == f"/approvals/?open={asked.pk}"


def test_a_client_that_reads_json_is_told(fleet: Fleet, settings: Any) -> None:
    settings.PORTAL_STEP_UP = "password"
    asked = fleet.submitted()
    assert asked.plan
    answer = unconfirmed(fleet.ivy).post(
        reverse("approve", args=[asked.pk]),
        {"plan_digest": asked.plan.digest, "version": asked.version, "comment": ""},
        headers={"Accept": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_needed")
