"""The audit explorer: who may read it, what it shows, what it hands out."""

import json
from pathlib import Path
from typing import Any

import metamorphic_log
import pytest
from django.conf import settings
from django.test import Client

from portal.access.actions import grant
from portal.access.models import Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.models import Checkpoint, Intake
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.audit.sequencer import Sequencer

pytestmark = pytest.mark.django_db
PAGES = ["/audit/", "/audit/checkpoint", "/audit/entries/{pk}/", "/audit/entries/{pk}/bytes"]
PAGES += ["/audit/entries/{pk}/proof"]


def person(name: str, role: Role | None = None, team: Team | None = None) -> User:
    user = User.objects.create_user(name, first_name=name.title(), last_name="Sato")
    if role:
        grant(user, role, team, by=Actor.command("tests"))
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ana() -> User:
    return person("ana", Role.REQUESTER, Team.objects.create(name="Payroll", slug="payroll"))


@pytest.fixture
def auditor() -> Client:
    return signed_in(person("aud", Role.AUDITOR))


@pytest.fixture
def entry(ana: User, auditor: Client) -> Intake:
    """A sealed entry of Ana's, one of a worker that is in order only, one that waits."""
    made = record(Event.REQUEST_SUBMIT, Actor.person(ana.public_id), {"request": 104}, {"lpar": "<pay01>"})
    seal_now()
    record(Event.CMD_START, Actor.worker("w1"), {"step": "update"}, {"line": "geninstall"}, run=7, epoch=1)
    Sequencer().place_all()
    record(Event.APP_START, Actor.portal(), {}, {})
    return made


def row(client: Client, **filters: str) -> list[str]:
    rows = json.loads(client.get("/audit/", {"export": "json", **filters}).content)
    return [each["event"] for each in rows if each["event"] != "export.download"]


@pytest.mark.parametrize("page", PAGES)
def test_only_auditors_and_administrators_of_everything_get_in(page: str, entry: Intake, ana: User) -> None:
    address = page.format(pk=entry.pk)
    assert Client().get(address).status_code == 302
    team = ana.memberships.get().team
    refused = [ana, person("kim", Role.OPERATOR), person("tim", Role.AUDITOR, team), person("nobody")]
    refused.append(User.objects.create_superuser("root"))
    assert [signed_in(user).get(address).status_code for user in refused] == [403] * 5
    assert signed_in(person("adm", Role.ADMINISTRATOR)).get(address).status_code == 200


def test_the_list_shows_names_states_and_no_markup_of_others(auditor: Client, entry: Intake) -> None:
    text = auditor.get("/audit/").content.decode()
    for expected in ("Ana Sato", "worker w1", "the portal", "#0", "#1", "Sealed", "Unsealed", "Waiting"):
        assert expected in text
    assert "&lt;pay01&gt;" in text
    assert "<pay01>" not in text
    assert "Never verified" in text


def test_the_list_can_be_narrowed(auditor: Client, entry: Intake, ana: User) -> None:
    everything = [row(auditor), row(auditor, since="2020-01-01"), row(auditor, until="2999-01-01")]
    everything = [
        [event for event in events if not event.startswith(("auth.", "role."))] for events in everything
    ]
    assert everything == [["app.start", "cmd.start", "request.submit"]] * 3
    assert row(auditor, event="cmd.start") == ["cmd.start"]
    assert row(auditor, run="7") == ["cmd.start"]
    assert row(auditor, request="104") == ["request.submit"]
    assert [event for event in row(auditor, actor="ana") if event == "request.submit"] == ["request.submit"]
    assert row(auditor, actor="w1") == ["cmd.start"]
    assert row(auditor, words="geninstall") == ["cmd.start"]
    assert row(auditor, words="<pay01>", request="104") == ["request.submit"]
    assert row(auditor, words='pay"01') == []
    assert row(auditor, since="2999-01-01") == row(auditor, until="2020-01-01") == []


@pytest.mark.asvs("8.2.3", "15.3.1")
def test_the_export_holds_pseudonyms_and_whole_entries(auditor: Client, entry: Intake, ana: User) -> None:
    rows = json.loads(auditor.get("/audit/", {"export": "json", "request": "104"}).content)
    assert rows[0]["actor"] == f"user:{ana.public_id}"
    assert json.loads(rows[0]["about"])["d"] == {"lpar": "<pay01>"}


def test_an_entry_shows_its_bytes_and_its_proof(auditor: Client, entry: Intake) -> None:
    text = auditor.get(f"/audit/entries/{entry.pk}/").content.decode()
    assert "Ana Sato" in text
    assert entry.leaf.hex() in text
    assert "at this place under the checkpoint" in text
    assert auditor.get(f"/audit/entries/{entry.pk}/bytes").content == entry.content


def test_the_proof_convinces_a_foreign_verifier(auditor: Client, entry: Intake) -> None:
    proof = auditor.get(f"/audit/entries/{entry.pk}/proof").content.decode()
    head, note = proof.split("\n\n", 1)
    assert head.splitlines()[:2] == ["c2sp.org/tlog-proof@v1", f"index {entry.entry.seq}"]
    assert auditor.get("/audit/checkpoint").content.decode() == note
    keys = [Path(settings.LEDGER_KEY_FILE + ".pub").read_text().strip()]
    assert metamorphic_log.checkpoint_verify(note, keys).size == Checkpoint.objects.get().size


@pytest.mark.parametrize("offset", [1, 2])
def test_an_entry_without_checkpoint_has_no_proof_yet(auditor: Client, entry: Intake, offset: int) -> None:
    pk = list(Intake.objects.filter(pk__gt=entry.pk).order_by("pk").values_list("pk", flat=True))[offset - 1]
    assert "The next checkpoint will cover it" in auditor.get(f"/audit/entries/{pk}/").content.decode()
    assert auditor.get(f"/audit/entries/{pk}/proof").status_code == 409


@pytest.mark.usefixtures("unprotected")
def test_an_altered_entry_is_called_so(auditor: Client, entry: Intake) -> None:
    Intake.objects.filter(pk=entry.pk).update(content=b"\xff{}")
    text = auditor.get(f"/audit/entries/{entry.pk}/").content.decode()
    assert "This is not the entry that was signed" in text


def verify(client: Client) -> str:
    return client.post("/audit/verify/", follow=True).content.decode()


def test_verifying_by_page_is_shown_and_entered(auditor: Client, entry: Intake) -> None:
    text = verify(auditor)
    assert "all good" in text
    assert "Good" in text
    entered: Any = Intake.objects.filter(event=Event.LEDGER_VERIFY).get()
    assert json.loads(entered.content)["d"]["ok"] is True
    assert auditor.get("/audit/verify/").status_code == 405


@pytest.mark.usefixtures("unprotected")
def test_verifying_by_page_names_the_first_bad_entry(auditor: Client, entry: Intake) -> None:
    Intake.objects.filter(pk=entry.pk).update(event="app.stop")
    text = verify(auditor)
    assert f"Entry {entry.entry.seq} (app.stop): the copy of event" in text
    assert "The ledger is not as it was written" in text


def test_an_auditor_of_nothing_cannot_verify(entry: Intake, ana: User) -> None:
    assert signed_in(ana).post("/audit/verify/").status_code == 403
