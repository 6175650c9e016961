"""A proof that is asked for in the middle: offered beforehand, and what was typed is not lost by it."""

from datetime import timedelta
from typing import Any

import pytest
from axes.utils import reset
from django.test import Client
from django.urls import reverse

from liveupdate.models import Approval, Emergency, Request
from portal.access.models import User
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet
from tests.second_factor import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.deep]
TYPED = "Read every command; <b>hdisk1</b> & all"
FACTOR = {"approve": "password", "approve-alike": "password", "submit-urgent": "second_factor"}
SHOWN = "Read every command; &lt;b&gt;hdisk1&lt;/b&gt; &amp; all"


@pytest.fixture
def fleet(settings: Any) -> Fleet:
    reset()
    settings.PORTAL_STEP_UP = "password"
    fleet = make_fleet()
    for person in (fleet.ivy, fleet.bo):
        person.set_password(PASSWORD)
        person.save()
    return fleet


def unconfirmed(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def approve(client: Client, request: Request, comment: str = TYPED) -> Any:
    assert request.plan
    said = {"plan_digest": request.plan.digest, "version": request.version, "comment": comment}
    page = f"http://testserver{request.get_absolute_url()}"
    return client.post(reverse("approve", args=[request.pk]), said, headers={"Referer": page})


def test_the_page_offers_the_proof_until_it_is_given(fleet: Fleet) -> None:
    request, client = fleet.submitted(), unconfirmed(fleet.ivy)
    for page in (request.get_absolute_url(), f"/approvals/?open={request.pk}"):
        assert "This asks for your password" in client.get(page).content.decode()
    client.post("/confirm/?wanted=password", {"password": PASSWORD})
    page = client.get(request.get_absolute_url()).content.decode()
    assert "data-proof" not in page


def test_what_was_typed_is_shown_again_and_never_sent(fleet: Fleet) -> None:
    request, client = fleet.submitted(), unconfirmed(fleet.ivy)
    asking = approve(client, request)["Location"]
    client.post(asking, {"password": PASSWORD})
    page = client.get(request.get_absolute_url()).content.decode()
    assert SHOWN in page
    assert 'id="kept"' in page
    assert not Approval.objects.exists()
    assert SHOWN in client.get(f"/approvals/?open={request.pk}").content.decode()
    assert SHOWN not in unconfirmed(fleet.bo).get(request.get_absolute_url()).content.decode()
    approve(client, request)
    assert Approval.objects.get().reason == TYPED
    assert SHOWN not in client.session.get("unsent", {})


def test_it_is_kept_for_this_plan_and_a_while_only(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    request, client = fleet.submitted(), unconfirmed(fleet.ivy)
    approve(client, request)
    another = fleet.submitted("web01", "wes")
    assert SHOWN not in client.get(another.get_absolute_url()).content.decode()
    later = now() + timedelta(minutes=16)
    monkeypatch.setattr("portal.access.unsent.now", lambda: later)
    assert SHOWN not in client.get(request.get_absolute_url()).content.decode()


def test_several_plans_together_keep_it_too(fleet: Fleet) -> None:
    request, client = fleet.submitted(), unconfirmed(fleet.ivy)
    assert request.plan
    shown = f"{request.pk}:{request.version}:{request.plan.digest}"
    said = {"read": shown, "picked": shown, "comment": TYPED}
    assert client.post(reverse("approve-alike"), said)["Location"].startswith("/confirm/")
    assert client.session["unsent"][f"approve-alike {request.plan.digest}"]["typed"] == {"comment": TYPED}


def test_an_emergency_keeps_its_incident_and_reason(fleet: Fleet) -> None:
    request, client = fleet.planned("pay01", "bo"), unconfirmed(fleet.bo)
    assert request.plan
    page = client.get(request.get_absolute_url()).content.decode()
    assert "This asks for a code of your second factor" in page
    said = {"plan_digest": request.plan.digest, "incident": "INC-9", "reason": TYPED}
    answer = client.post(reverse("submit-urgent", args=[request.pk]), said)
    assert answer["Location"].startswith("/confirm/?wanted=second_factor")
    page = client.get(request.get_absolute_url()).content.decode()
    assert SHOWN in page
    assert 'value="INC-9"' in page
    assert not Emergency.objects.exists()


def test_the_button_that_asks_first_keeps_what_is_typed_and_sends_nothing(fleet: Fleet) -> None:
    submitted, planned = fleet.submitted("web01", "wes"), fleet.planned("pay01", "bo")
    assert submitted.plan and planned.plan
    read = f"{submitted.pk}:{submitted.version}:{submitted.plan.digest}"
    forms = (
        (fleet.ivy, "approve", submitted, {"plan_digest": submitted.plan.digest, "comment": TYPED}),
        (fleet.ivy, "approve-alike", None, {"read": read, "comment": TYPED}),
        (fleet.bo, "submit-urgent", planned, {"plan_digest": planned.plan.digest, "reason": TYPED}),
    )
    for person, name, about, typed in forms:
        asked = about or submitted
        client = unconfirmed(person)
        assert f'name="confirm_first" value="{FACTOR[name]}" formnovalidate' in text(client, asked)
        said = {**typed, "confirm_first": FACTOR[name]}
        for _ in range(2):
            address = reverse(name, args=[about.pk] if about else [])
            answer = client.post(
                address, said, headers={"Referer": f"http://testserver/requests/{asked.pk}/"}
            )
            onward = f"wanted={FACTOR[name]}&action=&next=%2Frequests%2F{asked.pk}%2F"
            assert answer["Location"] == f"/confirm/?{onward}", name
            client.post("/confirm/?wanted=password", {"password": PASSWORD})
        [kept] = client.session["unsent"].values()
        assert TYPED in kept["typed"].values(), name
    assert not Approval.objects.exists()
    assert not Emergency.objects.exists()


def test_a_reason_about_a_person_is_not_lost_either(fleet: Fleet) -> None:
    client = unconfirmed(fleet.adm)
    for form in ("ask-erasure", "set-hold"):
        answer = client.post(reverse(form, args=[fleet.bo.pk]), {"reason": TYPED})
        assert answer["Location"].startswith("/confirm/?wanted=password"), form
        assert client.session["unsent"][f"{form} {fleet.bo.pk}"]["typed"] == {"reason": TYPED}
    page = client.get(reverse("person", args=[fleet.bo.pk])).content.decode()
    assert page.count(SHOWN) == 2


def text(client: Client, request: Request) -> str:
    return client.get(request.get_absolute_url()).content.decode()
