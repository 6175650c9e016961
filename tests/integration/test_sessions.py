"""How long a session lasts, who ends it, and what people see of their own."""

import json
from datetime import timedelta

import pytest
from axes.utils import reset
from django.test import Client

from portal.access.actions import set_active, set_password
from portal.access.models import PersonSession, User
from portal.access.models.sessions import row_key
from portal.access.sessions import sessions_of
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.lib.clock import now
from tests.second_factor import PASSWORD, app_of, signed_in

pytestmark = pytest.mark.django_db
COMMAND = Actor.command("test")


@pytest.fixture
def ana() -> User:
    reset()
    return User.objects.create_user("ana", password=PASSWORD)


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def unused_for(minutes: float) -> None:
    PersonSession.everything.update(seen_at=now() - timedelta(minutes=minutes))


@pytest.mark.threat("T18")
@pytest.mark.asvs("7.3.1")
def test_an_idle_session_is_over(ana: User) -> None:
    client = signed_in("ana")
    unused_for(29)
    assert is_in(client)
    unused_for(31)
    assert not is_in(client)
    unused_for(0)
    assert not is_in(client)  # its cookie was taken from the browser


def test_using_it_keeps_it_and_a_page_that_follows_by_itself_does_not(ana: User) -> None:
    client = signed_in("ana")
    unused_for(20)
    before = PersonSession.objects.get().seen_at
    client.get("/account/", headers={"HX-Request": "true"})
    client.get("/account/", headers={"Accept": "text/event-stream"})
    assert PersonSession.objects.get().seen_at == before
    client.get("/account/")
    assert now() - PersonSession.objects.get().seen_at < timedelta(seconds=30)


@pytest.mark.threat("T18")
@pytest.mark.asvs("7.3.2")
def test_it_lasts_eight_hours_from_signing_in_whatever_is_done(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(ana)
    client = signed_in("ana", app)
    ends = PersonSession.objects.get().expire_date
    assert timedelta(hours=7, minutes=59) < ends - now() <= timedelta(hours=8)
    client.post("/confirm/?wanted=password", {"password": PASSWORD})
    assert PersonSession.objects.get().expire_date == ends
    PersonSession.objects.update(expire_date=now() - timedelta(seconds=1))
    assert not is_in(client)


@pytest.mark.threat("T18")
@pytest.mark.asvs("7.5.2")
def test_people_see_their_own_sessions_and_no_key(ana: User) -> None:
    User.objects.create_user("bo", password=PASSWORD)
    bo = signed_in("bo")
    phone = Client(headers={"User-Agent": "Phone <b>1</b>"}, REMOTE_ADDR="10.1.2.3")
    phone.post("/sign-in/", {"username": "ana", "password": PASSWORD})
    client = signed_in("ana")
    page = client.get("/account/").content.decode()
    assert page.count('<form id="end-') == 2
    assert "Phone &lt;b&gt;1&lt;/b&gt;" in page and "10.1.2.3" in page
    keys = PersonSession.objects.values_list("pk", flat=True)
    assert not [key for key in (*keys, client.session.session_key) if key in page]
    assert next(session.name for session in sessions_of(User.objects.get(username="bo"))) not in page
    assert is_in(bo)


@pytest.mark.threat("T18")
@pytest.mark.asvs("7.5.2")
def test_ending_one_and_all_others(ana: User) -> None:
    here, there, elsewhere = signed_in("ana"), signed_in("ana"), signed_in("ana")
    name = PersonSession.objects.get(pk=row_key(there.session.session_key)).name
    assert here.post(f"/account/sessions/{name}/end/").status_code == 302
    assert (is_in(here), is_in(there), is_in(elsewhere)) == (True, False, True)
    assert here.post(f"/account/sessions/{name}/end/").status_code == 409
    here.post("/account/sessions/end-others/")
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    kills = Intake.objects.filter(event="session.kill").order_by("pk")
    assert [json.loads(bytes(row.content))["d"]["sessions"] for row in kills] == [1, 1]


@pytest.mark.threat("T18")
def test_nobody_ends_the_session_of_somebody_else(ana: User) -> None:
    User.objects.create_user("bo", password=PASSWORD)
    bo = signed_in("bo")
    name = PersonSession.objects.get().name
    assert signed_in("ana").post(f"/account/sessions/{name}/end/").status_code == 409
    assert is_in(bo)


@pytest.mark.threat("T18")
@pytest.mark.asvs("7.4.2", "7.4.3")
def test_a_new_password_and_deactivation_end_all(ana: User) -> None:
    clients = [signed_in("ana"), signed_in("ana")]
    set_password(ana, "another of eleven bicycles", by=COMMAND)
    assert not PersonSession.objects.filter(user=ana).exists()
    assert not [client for client in clients if is_in(client)]
    set_password(ana, PASSWORD, by=COMMAND)
    client = signed_in("ana")
    set_active(ana, False, by=COMMAND)
    assert not PersonSession.objects.filter(user=ana).exists()
    assert not is_in(client)


def test_signing_in_forgets_what_is_over(ana: User) -> None:
    signed_in("ana")
    unused_for(31)
    signed_in("ana")
    assert PersonSession.everything.filter(user=ana).count() == 1
