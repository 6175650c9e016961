"""Personal data: what entries hold of people, commitments to names, erasure by two, legal hold."""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from liveupdate.actions.campaigns import halt_campaign
from liveupdate.actions.quorum import recount
from liveupdate.actions.requests import withdraw_request
from liveupdate.actions.runs import ask_abort
from liveupdate.models import Campaign, Emergency, Notice, Request
from portal.access.actions import add_person, grant, set_active, set_name, set_password
from portal.access.auditing.people import with_names
from portal.access.factors import Factor
from portal.access.models import ApiToken, Erasure, LegalHold, SavedFilter, SecondFactor, User
from portal.access.personal.commitment import Committed, standing_of
from portal.access.personal.deciding import Administrator
from portal.access.personal.erasure import ask_erasure, confirm_erasure, withdraw_erasure
from portal.access.personal.holds import ask_end_of_hold, end_hold, set_hold
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.audit.sealer import seal_now
from portal.audit.verification.whole import verify_ledger
from portal.lib.errors import PortalError
from tests.api import token_of
from tests.fleet import Fleet, make_fleet
from tests.integration.test_pages_access import WRITES, Things
from tests.integration.test_pages_access import things as everything  # noqa: F401 - a fixture
from tests.report_sample import sample_report, store_sample
from tests.second_factor import PASSWORD, app_of

pytestmark = [pytest.mark.django_db, pytest.mark.deep]
COMMAND = Actor.command("test")
REASON = "ticket 4711"


def administrator(username: str) -> Administrator:
    user = User.objects.filter(username=username).first()
    if user is None:
        user = add_person(username, PASSWORD, by=COMMAND)
        grant(user, Role.ADMINISTRATOR, None, by=COMMAND)
    return Administrator(user, Factor.PASSWORD)


@pytest.fixture
def one() -> Administrator:
    return administrator("first-adm")


@pytest.fixture
def two() -> Administrator:
    return administrator("second-adm")


@pytest.fixture
def ivo() -> User:
    names = {"first_name": "Ivo", "last_name": "Šťastný", "email": "ivo@example.test"}
    return add_person("ivo", PASSWORD, by=COMMAND, **names)


def code_of(verb: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(PortalError) as caught:
        verb(*arguments, **named)
    return caught.value.code


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in (*value, *value.values()):
            yield from texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)
    elif isinstance(value, memoryview | bytes):
        yield bytes(value).decode("latin-1")
    elif isinstance(value, str):
        yield value


def entries() -> list[dict[str, Any]]:
    return [json.loads(bytes(row)) for row in Intake.objects.order_by("pk").values_list("content", flat=True)]


def play_on(things: Things) -> None:
    """What the portal itself words about people: an abort, a lost quorum, a halt; and sign-ins, and posts."""
    fleet = things.fleet
    ask_abort(fleet.queued("web01", "wes", "ivy").pk, fleet.kim)
    asked = fleet.approved("web01", "wes", "ivy")
    set_active(fleet.ivy, False, by=COMMAND)
    assert [each.pk for each in recount()] == [asked.pk]
    Campaign.objects.filter(pk=things.campaign.pk).update(state="running")
    halt_campaign(fleet.bo, things.campaign.pk, "The team saw errors.")
    set_password(fleet.ana, PASSWORD, by=COMMAND)
    client = Client()
    for name, password in (("ana", "wrong"), ("Ada Maier", "wrong"), ("ana", PASSWORD)):
        client.post("/sign-in/", {"username": name, "password": password})
    client.post(reverse("sign-out"))
    app_of(fleet.bo)
    token_of(fleet.bo)
    set_name(fleet.bo, first_name="Bo", last_name="Lang", email="bo@example.test", by=COMMAND)
    for person in (fleet.kim, fleet.bo):
        client = Client()
        client.force_login(person)
        for name in WRITES:
            client.post(things.address(name), {"reason": "because", "text": "why?"})


@pytest.mark.threat("T14")
def test_no_entry_holds_a_name(everything: Things) -> None:  # noqa: F811 - the fixture
    play_on(everything)
    rows = User.objects.values_list("username", "first_name", "last_name", "email")
    names = sorted({name for row in rows for name in row if name}, key=len, reverse=True)
    held = re.compile(rf"(?<![\w@])({'|'.join(map(re.escape, names))})(?!\w)")
    found, kinds = set(), set()
    for entry in entries():
        kinds.add(entry["t"])
        said = texts([entry["d"], entry["sub"], entry["actor"]])
        found |= {(entry["t"], text) for text in said if held.search(text)}
    assert found == set()
    played = {
        "run.end",
        "quorum.lost",
        "campaign.sign",
        "auth.fail",
        "auth.ok",
        "token.create",
        "access.denied",
    }
    assert played | {"approval.grant", "exception.grant", "delegation.give", "template.write"} <= kinds


def test_name_and_mail_are_committed_to(ivo: User) -> None:
    assert ivo.salt is not None
    exact = bytes(ivo.salt) + "Ivo Šťastný".encode() + b"\0" + b"ivo@example.test"
    wanted = "sha256:" + hashlib.sha256(exact).hexdigest()
    added = next(each for each in entries() if each["t"] == "user.change")
    assert added["d"] == {"what": "added", "commitment": wanted}
    assert standing_of(ivo) is Committed.FITS
    User.objects.filter(pk=ivo.pk).update(last_name="Novak")
    ivo.refresh_from_db()
    assert standing_of(ivo) is Committed.ALTERED
    call_command("set_name", "ivo", "--last", "Novak", stdout=StringIO(), stderr=StringIO())
    ivo.refresh_from_db()
    assert standing_of(ivo) is Committed.FITS
    assert entries()[-1]["d"]["commitment"] != wanted
    assert standing_of(User.objects.create_user("old")) is Committed.NEVER
    salts = {bytes(salt) for salt in User.objects.values_list("salt", flat=True)}
    assert {len(salt) for salt in salts} == {32}
    assert len(salts) == User.objects.count()


def test_one_command_commits_to_everybody_of_a_version_before(ivo: User) -> None:
    ana = User.objects.create(username="ana", first_name="Ana", password="!", is_active=False)
    assert [standing_of(each) for each in (ana, ivo)] == [Committed.NEVER, Committed.FITS]

    call_command("set_name", missing=True, stdout=StringIO())

    assert standing_of(ana) is Committed.FITS
    entered = Intake.objects.count()
    call_command("set_name", missing=True, stdout=StringIO())
    assert Intake.objects.count() == entered == 2
    ana.last_name = "Lima"
    assert standing_of(ana) is Committed.ALTERED


@pytest.fixture
def fleet(transactional_db: None) -> Fleet:
    """Ana asked, mails about it wait, and it is over; she has everything that a person can have."""
    fleet = make_fleet()
    ana = fleet.ana
    names = {"first_name": "Ana", "last_name": "Costa", "email": "ana@example.test"}
    set_name(ana, by=COMMAND, **names)
    withdraw_request(ana, fleet.submitted().pk, "not now")
    app_of(ana)
    token_of(ana)
    SavedFilter.objects.create(owner=ana, name="mine", path="/lpars/", query="q=x")
    AccessAttempt.objects.create(username="ana", ip_address="10.0.0.1", failures_since_start=1)
    named = {"people": {ana.public_id: "Ana Costa"}, "pdf": b"Ana Costa"}
    store_sample(ana, fleet.teams["Payroll"], sample_report(2), **named)
    return fleet


def erase(person: User, one: Administrator, two: Administrator) -> User:
    ask_erasure(person, REASON, by=one)
    confirm_erasure(person, by=two)
    return User.objects.get(pk=person.pk)


def problems() -> list[str]:
    """What a verification finds, but for host keys, which the fleet's hosts have without entries."""
    found = (each.message for each in verify_ledger().problems)
    return [message for message in found if "accepted key" not in message]


def names_left() -> set[str]:
    """Tables in which something still names Ana."""
    named = re.compile("Costa|ana@example|^ana$")
    return {
        model._meta.label
        for model in apps.get_models()
        for row in model._base_manager.values_list()
        if any(named.search(text) for text in texts(row))
    }


@pytest.mark.threat("T14")
def test_an_erased_person_is_nowhere_and_the_ledger_stands(
    fleet: Fleet, one: Administrator, two: Administrator, tmp_path: Path
) -> None:
    client = Client()
    client.force_login(fleet.ana)
    assert names_left() >= {"access.User", "liveupdate.Notice", "liveupdate.StoredReport"}
    ana = erase(fleet.ana, one, two)
    assert names_left() == set()
    shown = f"erased person {ana.public_id}"
    assert (str(ana), ana.email, ana.salt, ana.is_active, ana.has_usable_password()) == (
        *(shown, "", None, False, False),
    )
    for model in (ApiToken, SavedFilter):
        assert not model.objects.filter(owner=ana).exists()
    assert not SecondFactor.objects.filter(user=ana).exists()
    assert not Notice.objects.filter(person=ana).exists()
    assert client.get("/").status_code == 302
    assert str(Request.objects.get().requester) == shown
    assert shown in set(with_names(Intake.objects.all()).values_list("actor_name", flat=True))

    auditor = Client()
    auditor.force_login(fleet.aud)
    assert shown in auditor.get(f"/people/{ana.pk}/").content.decode()
    assert shown in auditor.get(f"/requests/{Request.objects.get().pk}/").content.decode()
    seal_now()
    assert problems() == []
    out = tmp_path / "bundle.zip"
    number = Request.objects.get().number
    call_command("evidence", "--request", number, "--out", str(out), stdout=StringIO(), stderr=StringIO())
    with zipfile.ZipFile(out) as bundle:
        assert json.loads(bundle.read("people.json"))[ana.public_id] == shown

    User.objects.filter(pk=ana.pk).update(username="ana")
    assert problems() == [f"Name and mail of {ana.public_id} is not what was entered."]
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ana.pk).update(first_name="Ana", last_name="Costa")


def test_what_was_written_past_the_portal_is_seen(
    transactional_db: None, ivo: User, one: Administrator, two: Administrator
) -> None:
    set_hold(ivo, REASON, by=one)
    seal_now()
    assert verify_ledger().ok
    User.objects.filter(pk=ivo.pk).update(email="eve@example.test")
    LegalHold.objects.update(end_asked_by=one.user, ended_by=two.user, ended_at="2026-01-01T00:00Z")
    Erasure.objects.create(person=ivo, reason=REASON, asked_by=one.user)
    told = problems()
    assert [text.split(" is ")[0].split(" was ")[0] for text in told] == [
        *(f"Name and mail of {ivo.public_id}", f"Legal hold {LegalHold.objects.get().pk}"),
        f"Erasure {Erasure.objects.get().pk}",
    ]


def test_two_administrators_erase_and_no_other(ivo: User, one: Administrator, two: Administrator) -> None:
    assert code_of(confirm_erasure, ivo, by=two) == "erasure_not_asked"
    assert code_of(ask_erasure, ivo, REASON, by=Administrator(ivo, Factor.PASSWORD)) == "role_missing"
    assert code_of(ask_erasure, one.user, REASON, by=one) == "own_data"
    assert code_of(ask_erasure, one.user, REASON, by=two) == "last_administrator"
    assert code_of(ask_erasure, ivo, " ", by=one) == "reason_missing"
    assert code_of(ask_erasure, ivo, "Mr šťastný wrote", by=one) == "reason_names_person"
    ask_erasure(ivo, REASON, by=one)
    assert code_of(ask_erasure, ivo, REASON, by=two) == "erasure_asked"
    assert code_of(confirm_erasure, ivo, by=one) == "asked_yourself"
    withdraw_erasure(ivo, by=two)
    erased = erase(ivo, one, two)
    for verb, arguments in (
        (ask_erasure, {"reason": REASON, "by": one}),
        (set_hold, {"reason": REASON, "by": one}),
        (set_active, {"active": True, "by": COMMAND}),
        (set_password, {"password": PASSWORD, "by": COMMAND}),
    ):
        assert code_of(verb, erased, **arguments) == "erased"
    said = [(each["d"]["what"], each["d"]["factor"]) for each in entries() if each["t"] == "user.erase"]
    assert said == [(what, "password") for what in ("asked", "withdrawn", "asked", "confirmed")]


def test_who_has_open_duties_is_not_erased(everything: Things, one: Administrator) -> None:  # noqa: F811
    fleet = everything.fleet
    assert code_of(ask_erasure, fleet.ana, REASON, by=one) == "open_requests"
    assert code_of(ask_erasure, fleet.bo, REASON, by=one) == "open_emergencies"
    Emergency.objects.update(closed_at="2026-01-01T00:00Z")
    Request.objects.update(requester=fleet.bo)
    assert code_of(ask_erasure, fleet.ana, REASON, by=one) == "open_campaigns"
    everything.leftover.owner = fleet.kim
    everything.leftover.save()
    assert code_of(ask_erasure, fleet.kim, REASON, by=one) == "open_leftovers"
    assert code_of(ask_erasure, fleet.aud, REASON, by=one) == "open_report_schedules"
    owner = everything.exception.owner
    Request.objects.update(requester=fleet.sam)
    Campaign.objects.update(owner=fleet.sam)
    assert code_of(ask_erasure, owner, REASON, by=one) == "open_exceptions"


def test_a_legal_hold_keeps_a_person_until_two_end_it(
    ivo: User, one: Administrator, two: Administrator
) -> None:
    ask_erasure(ivo, REASON, by=one)
    set_hold(ivo, "case 12", by=one)
    assert code_of(set_hold, ivo, "case 12", by=two) == "held_already"
    assert code_of(confirm_erasure, ivo, by=two) == "person_held"
    assert code_of(end_hold, ivo, by=two) == "end_not_asked"
    ask_end_of_hold(ivo, by=one)
    assert code_of(ask_end_of_hold, ivo, by=two) == "end_asked_already"
    assert code_of(end_hold, ivo, by=one) == "asked_yourself"
    assert code_of(confirm_erasure, ivo, by=two) == "person_held"
    end_hold(ivo, by=two)
    assert code_of(end_hold, ivo, by=two) == "not_held"
    confirm_erasure(ivo, by=two)
    said = [each["d"]["what"] for each in entries() if each["t"] == "user.hold"]
    assert said == ["set", "end_asked", "ended"]


def test_under_a_legal_hold_the_page_offers_no_erasure(
    ivo: User, one: Administrator, two: Administrator
) -> None:
    def offered(who: Administrator) -> set[str]:
        client = Client()
        client.force_login(who.user)
        return set(re.findall(r'id="([a-z]+-erasure)"', client.get(f"/people/{ivo.pk}/").content.decode()))

    assert offered(one) == {"ask-erasure"}
    ask_erasure(ivo, REASON, by=one)
    assert offered(two) == {"withdraw-erasure", "confirm-erasure"}
    set_hold(ivo, "case 12", by=one)
    assert offered(two) == {"withdraw-erasure"}
    withdraw_erasure(ivo, by=one)
    assert offered(one) == set()


def test_the_page_asks_for_proof_and_erases(ivo: User, one: Administrator, two: Administrator) -> None:
    page = f"/people/{ivo.pk}/"
    for who, verb in ((one, "ask"), (two, "confirm")):
        client = Client(headers={"referer": f"http://testserver{page}"})
        client.force_login(who.user)
        shown = client.get(page).content.decode()
        assert ("As entered" in shown, f'id="{verb}-erasure"' in shown) == (True, True)
        address = f"{page}erasure/{verb}/"
        led = client.post(address, {"reason": REASON})["Location"]
        assert led.startswith("/confirm/?wanted=password")
        assert client.post(led, {"password": PASSWORD})["Location"] == page
        assert client.post(address, {"reason": REASON})["Location"] == page
    shown = client.get(page).content.decode()
    assert "Šťastný" not in shown
    assert f"as {one.user} asked and {two.user} confirmed: {REASON}" in shown
    assert "<form id=" not in shown.split("<main", 1)[1]
