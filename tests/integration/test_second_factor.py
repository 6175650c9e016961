"""The second factor: setting up, signing in, replay, brute force, recovery, reset, who must have one."""

import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from axes.utils import reset
from django.core.management import call_command
from django.test import Client

from portal.access.actions import grant
from portal.access.models import RecoveryCode, SecondFactor, User
from portal.access.roles import Role
from portal.access.second_factor.actions import begin_enrolment, second_factor_of, take_code
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.audit.verification.whole import verify_ledger
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed, PortalError
from tests.second_factor import PASSWORD, App, app_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.deep]


@pytest.fixture
def ana() -> User:
    reset()
    return User.objects.create_user("ana", password=PASSWORD)


@pytest.fixture
def adm() -> User:
    user = User.objects.create_user("adm", password=PASSWORD)
    grant(user, Role.ADMINISTRATOR, None, by=Actor.command("test"))
    return user


def entered() -> list[tuple[str, dict[str, Any]]]:
    documents = [json.loads(bytes(row.content)) for row in Intake.objects.order_by("pk")]
    return [(document["t"], document["d"]) for document in documents]


def events() -> list[str]:
    return [name for name, _ in entered()]


def test_setting_up_by_the_pages(ana: User) -> None:
    client = signed_in("ana")
    assert 'id="begin-enrolment"' in client.get("/account/").content.decode()
    assert client.post("/account/second-factor/begin/")["Location"] == "/account/second-factor/"
    page = client.get("/account/second-factor/").content.decode()
    assert '<img src="data:image/svg+xml' in page
    secret = re.search(r'<span class="mono">([A-Z2-7 ]+)</span>', page)
    assert secret
    app = App(secret[1].replace(" ", ""), [])
    wrong = client.post("/account/second-factor/", {"code": "000000"})
    assert "not the code that the app shows" in wrong.content.decode()
    assert second_factor_of(ana) is None
    before = client.session.session_key
    done = client.post("/account/second-factor/", {"code": app.code()}).content.decode()
    codes = re.findall(r"<li>([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})</li>", done)
    assert len(codes) == 10
    assert client.session.session_key != before
    assert client.get("/account/second-factor/").status_code == 302
    assert "10 recovery codes left" in client.get("/account/").content.decode()
    assert events() == ["auth.ok", "mfa.enrol"]
    stored = repr(list(SecondFactor.objects.values())) + repr(list(RecoveryCode.objects.values()))
    written = stored + "".join(bytes(row.content).decode() for row in Intake.objects.all())
    assert not [secret for secret in (app.secret, *codes) if secret in written]


@pytest.mark.threat("T19")
@pytest.mark.asvs("6.3.3")
def test_signing_in_asks_for_the_code(ana: User) -> None:
    app = app_of(ana)
    client = Client()
    answer = client.post("/sign-in/", {"username": "ana", "password": PASSWORD, "next": "/requests/"})
    assert answer["Location"] == "/sign-in/code/?next=%2Frequests%2F"
    assert client.get("/requests/").status_code == 302
    assert "auth.ok" not in events()
    wrong = client.post(answer["Location"], {"code": "000000"})
    assert "wrong, or was used already" in wrong.content.decode()
    assert client.post(answer["Location"], {"code": app.code()})["Location"] == "/requests/"
    assert client.get("/requests/").status_code == 200
    assert events() == ["mfa.enrol", "mfa.fail", "mfa.ok", "auth.ok"]


def test_the_code_page_leads_nobody_off_the_site(ana: User) -> None:
    app, client = app_of(ana), Client()
    form = {"username": "ana", "password": PASSWORD, "next": "https://elsewhere.example/"}
    answer = client.post("/sign-in/", form)
    assert "elsewhere" not in answer["Location"]
    address = "/sign-in/code/?next=https://elsewhere.example/"
    assert client.post(address, {"code": app.code()})["Location"] == "/"


def test_no_code_page_without_the_password(ana: User) -> None:
    app, client = app_of(ana), Client()
    assert client.post("/sign-in/code/", {"code": app.code()})["Location"] == "/sign-in/"
    client.post("/sign-in/", {"username": "ana", "password": "wrong"})
    assert client.post("/sign-in/code/", {"code": app.code()})["Location"] == "/sign-in/"


@pytest.mark.parametrize("happens", ["deactivated", "new password", "six minutes"])
def test_what_happens_between_password_and_code_counts(
    ana: User, happens: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, client = app_of(ana), Client()
    client.post("/sign-in/", {"username": "ana", "password": PASSWORD})
    if happens == "deactivated":
        User.objects.update(is_active=False)
    elif happens == "new password":
        ana.set_password("another of eleven bicycles")
        ana.save()
    else:
        later = now() + timedelta(minutes=6)
        monkeypatch.setattr("portal.access.half_signed_in.now", lambda: later)
    assert client.post("/sign-in/code/", {"code": app.code()})["Location"] == "/sign-in/"


@pytest.mark.threat("T19")
def test_a_code_is_taken_once(ana: User) -> None:
    app = app_of(ana)
    code = app.code()
    take_code(ana, code)
    with pytest.raises(Invalid):
        take_code(ana, code)
    take_code(ana, app.code(1))
    with pytest.raises(Invalid):
        take_code(ana, app.code())


def test_a_recovery_code_is_taken_once_and_new_ones_end_the_old(ana: User) -> None:
    app = app_of(ana)
    take_code(ana, app.recovery_codes[0].lower())
    with pytest.raises(Invalid):
        take_code(ana, app.recovery_codes[0])
    client = signed_in("ana", app)
    page = client.post("/account/second-factor/recovery-codes/").content.decode()
    assert page.count("<li>") >= 10
    with pytest.raises(Invalid):
        take_code(ana, app.recovery_codes[1])
    assert [data["kind"] for name, data in entered() if name == "mfa.ok"] == ["recovery", "totp"]


@pytest.mark.threat("T19")
@pytest.mark.asvs("6.3.1")
def test_wrong_codes_lock_for_a_while_even_the_right_one(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of(ana)
    for _ in range(5):
        with pytest.raises(Invalid):
            take_code(ana, "000000")
    for code in (app.code(), app.recovery_codes[0], "000000"):
        with pytest.raises(NotAllowed, match="another 15 min") as refused:
            take_code(ana, code)
        assert refused.value.code == "codes_locked"
    assert events().count("mfa.fail") == 5  # what is refused unread fills no ledger
    later = now() + timedelta(minutes=15, seconds=1)
    monkeypatch.setattr("portal.access.second_factor.actions.now", lambda: later)
    take_code(ana, app.recovery_codes[0])


@pytest.mark.threat("T19")
@pytest.mark.asvs("6.3.1")
def test_a_million_codes_are_out_of_reach(ana: User) -> None:
    """By sign-in, too: after five wrong codes in fifteen minutes the page reads none."""
    app_of(ana)
    client = Client()
    client.post("/sign-in/", {"username": "ana", "password": PASSWORD})
    pages = [client.post("/sign-in/code/", {"code": f"{n:06d}"}).content.decode() for n in range(8)]
    assert ["Too many wrong codes" in page for page in pages] == [False] * 5 + [True] * 3


def test_a_right_code_forgives_the_wrong_ones(ana: User) -> None:
    app = app_of(ana)
    for _ in range(4):
        with pytest.raises(Invalid):
            take_code(ana, "000000")
    take_code(ana, app.code())
    for _ in range(4):
        with pytest.raises(Invalid):
            take_code(ana, "000000")


def test_there_is_one_second_factor(ana: User) -> None:
    app_of(ana)
    with pytest.raises(Conflict):
        begin_enrolment(ana)


def test_removing_ones_own_needs_a_code_first(ana: User) -> None:
    app = app_of(ana)
    client = signed_in("ana", app)
    later = client.session
    later["proofs"] = {}
    later.save()
    asked = client.post("/account/second-factor/remove/", headers={"Referer": "http://testserver/account/"})
    assert asked["Location"] == "/confirm/?wanted=second_factor&action=&next=%2Faccount%2F"
    assert second_factor_of(ana)
    assert client.post(asked["Location"], {"code": app.code(1)})["Location"] == "/account/"
    client.post("/account/second-factor/remove/")
    assert second_factor_of(ana) is None
    assert events()[-1] == "mfa.remove"
    signed_in("ana")


def test_an_administrator_resets_what_somebody_lost(ana: User, adm: User) -> None:
    app_of(ana)
    address = f"/people/{ana.pk}/second-factor/reset/"
    admin = signed_in("adm")
    assert 'id="reset-second-factor"' in admin.get(f"/people/{ana.pk}/").content.decode()
    assert admin.post(address)["Location"] == f"/people/{ana.pk}/"
    assert second_factor_of(ana) is None
    last = json.loads(bytes(Intake.objects.latest("pk").content))
    assert (last["t"], last["actor"]["id"], last["sub"]["user"]) == (
        "mfa.remove",
        adm.public_id,
        ana.public_id,
    )


def test_nobody_else_resets_it(ana: User, adm: User) -> None:
    app_of(adm)
    client = signed_in("ana")
    assert client.post(f"/people/{adm.pk}/second-factor/reset/").status_code == 403
    assert second_factor_of(adm)


def test_an_administrator_confirms_before_a_reset(ana: User, adm: User) -> None:
    app_of(ana)
    client = Client()
    client.force_login(adm)
    assert client.post(f"/people/{ana.pk}/second-factor/reset/")["Location"].startswith("/confirm/")
    assert second_factor_of(ana)


def test_the_command_for_who_lost_everything(ana: User) -> None:
    app_of(ana)
    out = StringIO()
    call_command("reset_second_factor", "ana", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"username": "ana"}
    assert second_factor_of(ana) is None


@pytest.mark.threat("T19")
@pytest.mark.asvs("6.3.3")
def test_who_must_have_one_sets_it_up_first(adm: User, ana: User, settings: Any) -> None:
    settings.PORTAL_SECOND_FACTOR_ROLES = ["administrator"]
    client = signed_in("adm")
    assert client.get("/people/")["Location"] == "/account/"
    assert "shows you nothing else" in client.get("/account/").content.decode()
    refused = client.get("/people/", headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_missing")
    client.post("/account/second-factor/begin/")
    secret = re.search(r'mono">([A-Z2-7 ]+)<', client.get("/account/second-factor/").content.decode())
    assert secret
    client.post("/account/second-factor/", {"code": App(secret[1].replace(" ", ""), []).code()})
    assert client.get("/people/").status_code == 200
    assert signed_in("ana").get("/requests/").status_code == 200


@pytest.mark.asvs("11.3.3")
@pytest.mark.parametrize("altered", ["secret", "removed", "forged"])
def test_what_somebody_writes_into_the_table_is_seen(ana: User, adm: User, altered: str) -> None:
    app_of(ana)
    assert not [problem for problem in verify_ledger().problems if "econd factor" in problem.message]
    other = begin_enrolment(adm)
    if altered == "secret":
        SecondFactor.objects.filter(user=ana).update(sealed_secret=other.sealed_secret)
        with pytest.raises(PortalError):
            take_code(ana, "123456")
    elif altered == "removed":
        SecondFactor.objects.filter(user=ana).update(removed_at=now())
    else:
        SecondFactor.objects.filter(user=adm).update(confirmed_at=now())
    assert [problem for problem in verify_ledger().problems if "econd factor" in problem.message]
