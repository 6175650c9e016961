"""The audit explorer: narrowing, searching output, what lies around an entry, verifying a part, evidence."""

import json
import re
import zipfile
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client

from portal.access.actions import grant
from portal.access.models import Membership, User
from portal.access.roles import Role
from portal.audit import triggers
from portal.audit.actor import Actor
from portal.audit.chunks import store_chunk
from portal.audit.events import Event
from portal.audit.models import Intake
from portal.audit.output_search import find_in_output
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.lib.errors import Conflict

pytestmark = pytest.mark.django_db


@pytest.fixture
def adm() -> User:
    user = User.objects.create_user("adm", first_name="Ada", last_name="Maier")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    return user


@pytest.fixture
def client(adm: User) -> Client:
    client = Client()
    client.force_login(adm)
    return client


def output(command: int, *pieces: bytes, run: int = 7) -> list[Intake]:
    made = []
    for piece in pieces:
        data = {"command": command, "stream": "stdout", "chunks": [store_chunk(piece)], "offset": 0}
        made.append(record(Event.CMD_OUT, Actor.worker("w1"), {"lpar": "pay01"}, data, run=run, epoch=1))
    return made


def rows(client: Client, **filters: str) -> list[str]:
    return [
        each["event"] for each in json.loads(client.get("/audit/", {"export": "json", **filters}).content)
    ]


def test_output_is_found_across_the_border_of_two_entries() -> None:
    first, _, other = [*output(1, b"the update fai", b"led: 0503-409"), *output(2, b"led: all is well")]
    found = find_in_output(Intake.objects.all(), "failed: 0503")
    assert (found.entries, found.back_to) == ([first.pk], None)
    assert find_in_output(Intake.objects.all(), "failed: all").entries == []
    assert find_in_output(Intake.objects.all(), "all is").entries == [other.pk]
    assert find_in_output(Intake.objects.filter(run=8), "update").entries == []


def test_a_search_of_output_says_how_far_it_went(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    old, new = output(1, b"needle" * 20, b"needle" * 20)
    monkeypatch.setattr("portal.audit.output_search.MOST_BYTES", 100)
    assert find_in_output(Intake.objects.all(), "needle").entries == [new.pk]
    page = client.get("/audit/", {"output": "needle"}).content.decode()
    assert "The output was searched from now back to" in page
    assert f"/audit/entries/{new.pk}/" in page
    assert f"/audit/entries/{old.pk}/" not in page


def test_the_output_of_an_entry_is_shown_as_text(client: Client) -> None:
    entry = output(1, b"<b>0503-409</b> \x1b[31mred\xff")[0]
    page = client.get(f"/audit/entries/{entry.pk}/").content.decode()
    assert "&lt;b&gt;0503-409&lt;/b&gt; " in page
    assert "[31mred\\xff" in page
    assert "\x1b" not in page


def test_entries_are_narrowed_by_kind_channel_outcome_and_thing(client: Client) -> None:
    record(Event.CMD_END, Actor.worker("w1"), {"lpar": "pay01"}, {"status": 1}, run=7, epoch=1)
    record(Event.CMD_END, Actor.worker("w1"), {"lpar": "web01"}, {"status": 0}, run=8, epoch=1)
    record(Event.CMD_START, Actor.worker("w1"), {"lpar": "web01"}, {}, run=8, epoch=1)
    assert rows(client, event="cmd.") == ["cmd.start", "cmd.end", "cmd.end"]
    assert rows(client, event="cmd.end", outcome="failed") == ["cmd.end"]
    assert rows(client, channel="worker", object="lpar:pay01") == ["cmd.end"]
    assert set(rows(client, channel="page")) == {"export.download"}
    assert rows(client, outcome="no such outcome") == []


def test_the_facets_count_the_rows_and_lead_to_them(client: Client) -> None:
    for status in (0, 0, 1):
        record(Event.CMD_END, Actor.worker("w1"), {"lpar": "pay01"}, {"status": status}, run=7, epoch=1)
    page = client.get("/audit/", {"event": "cmd."}).content.decode()
    chips = dict(
        re.findall(r'<a class="chip" href="\?([^"]*)"[^>]*>[^<]*<span class="muted num">([\d,]+)<', page)
    )
    assert chips["event=cmd.&amp;outcome=failed"] == "1"
    assert chips["event=cmd.&amp;object=lpar%3Apay01"] == "3"
    assert chips[""] == "3"  # takes the kind off again
    assert len(rows(client, event="cmd.", outcome="failed")) == 1


def test_an_act_brings_its_entries_together(client: Client, adm: User) -> None:
    client.post("/audit/verify/")
    entry = Intake.objects.get(event="ledger.verify", channel="page")
    said = json.loads(bytes(entry.content))
    assert said["via"] == {"action": entry.action, "channel": "page", "origin": "127.0.0.1"}
    sibling = record(Event.CONFIG_CHANGE, Actor.person(adm.public_id), {"filter": "x"}, {})
    assert sibling.action != entry.action
    assert rows(client, action=entry.action) == ["ledger.verify"]


def test_a_spoofed_address_is_not_entered(client: Client) -> None:
    client.post("/audit/verify/", headers={"X-Forwarded-For": "203.0.113.9"})
    entry = Intake.objects.get(event="ledger.verify", channel="page")
    assert b"203.0.113.9" not in bytes(entry.content)


def test_steps_of_a_run_are_siblings(client: Client) -> None:
    worker = Actor.worker("w1")
    for step in ("mount", "update", "update"):
        last = record(Event.STEP_START, worker, {"step": step}, {"title": step}, run=7, epoch=1)
    page = client.get(f"/audit/entries/{last.pk}/").content.decode()
    assert page.count("title update") == 1
    assert "title mount" not in page


def test_an_entry_shows_before_and_after_and_its_neighbours(client: Client, adm: User) -> None:
    person = Actor.person(adm.public_id)
    made = [
        record(
            Event.WINDOW_CHANGE, person, {"period": "p1"}, {"document": {"minutes": minutes, "zone": "UTC"}}
        )
        for minutes in (60, 90, 120)
    ]
    page = client.get(f"/audit/entries/{made[1].pk}/").content.decode()
    row = re.search(r"document\.minutes</th><td[^>]*>(\d+)</td><td[^>]*>(\d+)</td>", page)
    assert row and row.groups() == ("60", "90")
    assert "document.zone" not in page
    for neighbour in (made[0], made[2]):
        assert f'href="/audit/entries/{neighbour.pk}/"' in page


def test_a_part_is_verified_and_an_alteration_seen(client: Client) -> None:
    for number in range(300):
        record(Event.STEP_START, Actor.worker("w1"), {"step": str(number)}, {}, run=7, epoch=1)
    seal_now()
    answer = client.post("/audit/verify/part/", {"query": "run=7"}, follow=True).content.decode()
    assert "(300) are, byte for byte, those signed in the ledger" in answer
    entry = Intake.objects.get(run=7, rs=200)
    with connection.cursor() as cursor:
        for name in triggers.names("sqlite") if connection.vendor == "sqlite" else ():
            cursor.execute(f"DROP TRIGGER {name}")
        if connection.vendor != "sqlite":
            cursor.execute("ALTER TABLE ledger_intake DISABLE TRIGGER ALL")
        content = bytes(entry.content).replace(b'"step":"199"', b'"step":"998"')
        cursor.execute("UPDATE ledger_intake SET content = %s WHERE id = %s", [content, entry.pk])
    answer = client.post("/audit/verify/part/", {"query": "run=7"}, follow=True).content.decode()
    assert f"The content of entry #{entry.entry.seq} was altered." in answer
    said = [json.loads(bytes(each.content)) for each in Intake.objects.filter(event="ledger.verify")]
    assert [(each["d"]["ok"], each["outcome"]) for each in said] == [(True, "done"), (False, "failed")]


def test_nothing_to_verify_is_said(client: Client) -> None:
    answer = client.post("/audit/verify/part/", {"query": "run=99"})
    assert answer.status_code == 400
    assert "No entry that has its place matches the filter." in answer.content.decode()


def test_reading_the_ledger_is_entered_once_for_many_pages_and_for_each_file(client: Client) -> None:
    for _ in range(3):
        client.get("/audit/", {"run": "7"})
    read = [json.loads(bytes(each.content))["d"] for each in Intake.objects.filter(event="audit.read")]
    assert read == [{"asked": {"run": "7"}}]
    client.get("/audit/", {"export": "csv"})
    client.get("/audit/", {"export": "csv"})
    assert Intake.objects.filter(event="export.download").count() == 2


def test_the_evidence_page_hands_out_a_bundle(client: Client) -> None:
    record(Event.APP_START, Actor.portal(), {}, {})
    seal_now()
    today = Intake.objects.latest("id").at.date().isoformat()
    assert "Name one thing" in client.post("/evidence/", {}).content.decode()
    assert "There is no run 999." in client.post("/evidence/", {"run": "999"}).content.decode()
    answer = client.post("/evidence/", {"since": today, "until": today})
    content = b"".join(_whole(answer))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert {"verify.py", "checkpoint", "entries.jsonl"} <= set(archive.namelist())
    entry = Intake.objects.get(event="export.create")
    assert entry.actor_kind == "user"


def _whole(answer: object) -> list[bytes]:
    import asyncio

    async def collect() -> list[bytes]:
        return [piece async for piece in answer]  # type: ignore[attr-defined]

    return asyncio.run(collect())


def test_what_somebody_may_not_do_is_entered_once_a_minute() -> None:
    ana = User.objects.create_user("ana")
    client = Client()
    client.force_login(ana)
    assert [client.get("/audit/").status_code for _ in range(3)] == [403] * 3
    assert client.get("/no/such/page/").status_code == 404
    denied = [json.loads(bytes(each.content)) for each in Intake.objects.filter(event="access.denied")]
    assert [(each["d"]["page"], each["d"]["why"], each["outcome"]) for each in denied] == [
        ("audit", "role_missing", "refused")
    ]
    assert denied[0]["actor"]["id"] == ana.public_id


def test_an_auditor_has_no_other_role(adm: User) -> None:
    aud = User.objects.create_user("aud")
    grant(aud, Role.AUDITOR, None, by=adm)
    with pytest.raises(Conflict, match="who audits has no part in what is audited"):
        grant(aud, Role.APPROVER, None, by=adm)
    grant(adm, Role.APPROVER, None, by=Actor.command("grant"))
    with pytest.raises(Conflict, match="who audits") as refused:
        grant(adm, Role.AUDITOR, None, by=Actor.command("grant"))
    assert refused.value.code == "roles_apart"
