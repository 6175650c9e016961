"""Reports from asking to taking away: made by a worker, kept as made, entered into the ledger."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from liveupdate.actions.mailing import send_waiting
from liveupdate.actions.report_schedules import (
    ScheduleWish,
    end_report_schedule,
    next_turn,
    play_report_schedules,
    set_report_schedule,
    span_before,
)
from liveupdate.actions.reports import MOST_WAITING, ask_for_report, do_report, waiting_reports
from liveupdate.models import ReportSchedule, StoredReport
from liveupdate.records.reports import report_of, visible_reports
from liveupdate.reports.catalogue import Question
from liveupdate.reports.document import Period
from portal.access.models import Membership
from portal.access.roles import Role
from portal.audit.models import Intake
from portal.lib.canonical import digest
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.fleet import Fleet, make_people
from tests.report_sample import HOSTILE, sample_report, store_sample

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SHORT = "access"
"""A ready report that is quickly made and printed."""


@pytest.fixture
def fleet() -> Fleet:
    return make_people()


def question(kind: str = SHORT, team: str = "payroll", **changes: Any) -> Question:
    end = now() + DAY
    return replace(Question(kind, Period(end - 30 * DAY, end, "Europe/Berlin"), team), **changes)


def made(fleet: Fleet, **changes: Any) -> StoredReport:
    with transaction.atomic():
        stored = ask_for_report(fleet.aud, question(**changes))
    do_report(stored.pk, "w1")
    stored.refresh_from_db()
    assert stored.state == StoredReport.State.READY, stored.problem
    return stored


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def said(event: str) -> list[dict[str, Any]]:
    rows = Intake.objects.filter(event=event).order_by("pk")
    return [json.loads(bytes(row.content)) for row in rows]


def test_a_worker_makes_what_was_asked_and_the_ledger_names_its_digest(fleet: Fleet) -> None:
    stored = made(fleet)
    report = report_of(stored)
    assert digest(bytes(stored.content or b"")) == stored.digest == report.digest
    assert (report.scope.team, report.kind, report.title) == ("payroll", SHORT, "Access review")
    assert (report.standing.size, report.standing.root) == (stored.ledger_size, stored.ledger_root)
    assert bytes(stored.pdf or b"").startswith(b"%PDF-")
    [asked], [created] = said("report.ask"), said("report.create")
    assert asked["actor"] == {"id": fleet.aud.public_id, "k": "user"}
    assert created["actor"] == {"id": "w1", "k": "worker"}
    assert created["sub"] == {"kind": SHORT, "report": stored.number, "team": "payroll"}
    assert created["d"]["digest"] == stored.digest
    assert created["d"]["pdf_sha256"] == digest(bytes(stored.pdf or b""))


def test_the_same_question_to_the_same_ledger_gives_the_same_digest(fleet: Fleet) -> None:
    first = made(fleet)
    again = made(fleet, as_of=first.as_of, period=Period(first.begin, first.end, first.time_zone))
    assert (again.digest, bytes(again.content or b"")) == (first.digest, bytes(first.content or b""))


def test_two_workers_make_a_report_once(fleet: Fleet) -> None:
    stored = ask_for_report(fleet.aud, question())
    assert waiting_reports() == [stored.pk]
    do_report(stored.pk, "w1")
    do_report(stored.pk, "w2")
    assert waiting_reports() == []
    assert len(said("report.create")) == 1


def test_what_cannot_be_made_says_why(fleet: Fleet) -> None:
    stored = ask_for_report(fleet.aud, question(as_of=datetime(2001, 1, 1, tzinfo=UTC)))
    do_report(stored.pk, "w1")
    stored.refresh_from_db()
    assert stored.state == StoredReport.State.FAILED
    assert "Nothing was signed by then" in stored.problem
    page = signed_in(fleet.aud).get(stored.get_absolute_url()).content.decode()
    assert "It was not made. Nothing was signed by then." in page


def refused(fleet: Fleet, stored: StoredReport, name: str) -> str:
    """The code of a download's refusal; empty where the file is given."""
    answer = signed_in(fleet.aud).get(reverse("api-report-file", args=[stored.pk, name]))
    return "" if answer.status_code == 200 else f"{answer.status_code} {answer.json()['code']}"


@pytest.mark.threat("T31")
def test_a_report_that_is_ready_neither_changes_nor_goes(fleet: Fleet) -> None:
    """The database refuses it; only names and the PDF may go, as erasing a person does."""
    stored = store_sample(fleet.aud, None, pdf=b"%PDF-1.7 Ana")
    row = StoredReport.objects.filter(pk=stored.pk)
    changes: list[dict[str, Any]] = [
        {"content": b"{}"}, {"digest": "sha256:1"}, {"pdf": b"%PDF-1.7 Eve"}, {"state": "asked"},
        {"ledger_size": 1}, {"end": now()}, {"made_at": None}, {"asked_by": fleet.adm},
    ]  # fmt: skip
    for change in changes:
        with pytest.raises(DatabaseError, match="What is finished stays"), transaction.atomic():
            row.update(**change)
    for taken in (row.delete, lambda: row._raw_delete("default")):
        with pytest.raises(DatabaseError, match="What is finished stays"), transaction.atomic():
            taken()
    row.update(people={}, pdf=None, making_until=None)
    waiting = ask_for_report(fleet.aud, question())
    StoredReport.objects.filter(pk=waiting.pk).delete()


@pytest.mark.threat("T31")
@pytest.mark.usefixtures("unprotected")
def test_a_report_that_was_altered_is_refused_at_each_download(fleet: Fleet) -> None:
    """Also with its digest made anew: what counts is the entry of its making."""
    stored = store_sample(fleet.aud, None, pdf=b"%PDF-1.7 Ana")
    row, content = StoredReport.objects.filter(pk=stored.pk), bytes(stored.content or b"")
    lied = content.replace(b'"value":2}', b'"value":0}')
    assert lied != content and refused(fleet, stored, "json") == refused(fleet, stored, "pdf") == ""
    for change in ({"content": lied}, {"content": lied, "digest": digest(lied)}):
        row.update(**change)
        assert refused(fleet, stored, "json") == "409 report_altered"
        answer = signed_in(fleet.aud).get(reverse("report-section", args=[stored.pk, "population"]))
        assert answer.status_code == 409
        assert "is not as it was made" in answer.content.decode()
    row.update(content=content, digest=digest(content), pdf=b"%PDF-1.7 Eve")
    assert refused(fleet, stored, "pdf") == "409 report_pdf_altered"
    assert refused(fleet, stored, "json") == ""
    forged = StoredReport.objects.get(pk=stored.pk)
    forged.pk = None
    forged.save()
    assert refused(fleet, forged, "json") == "409 report_not_entered"


def test_questions_without_an_answer_are_refused(fleet: Fleet) -> None:
    first, last, long_ago = (datetime(*day, tzinfo=UTC) for day in ((2026, 1, 1), (2026, 2, 1), (2020, 2, 1)))
    cases: dict[str, dict[str, Any]] = {
        "no report": {"kind": "weather"},
        "no team": {"team": "nobody"},
        "before it begins": {"period": Period(last, first)},
        "longer than": {"period": Period(long_ago, first)},
        "time zone": {"period": Period(first, last, "Mars")},
        "Nobody knows yet": {"as_of": datetime(2099, 1, 1, tzinfo=UTC)},
    }
    for words, changes in cases.items():
        with pytest.raises(Invalid, match=words):
            ask_for_report(fleet.aud, question(**changes))
    assert not StoredReport.objects.exists()


def test_who_waits_for_many_reports_waits(fleet: Fleet) -> None:
    for _ in range(MOST_WAITING):
        ask_for_report(fleet.aud, question())
    with pytest.raises(Invalid, match="wait already"):
        ask_for_report(fleet.aud, question())


def test_who_may_have_which_report(fleet: Fleet) -> None:
    everything = {"aud", "adm"}
    for name, person in fleet.people.items():
        teams = {"payroll": name in {*everything, "ana", "bo", "ivy", "kim"}}
        teams |= {"webshop": name in {*everything, "ivy", "wes", "kim"}, "": name in everything}
        for team, allowed in teams.items():
            if allowed:
                stored = ask_for_report(person, question(team=team))
                assert stored in visible_reports(person)
            else:
                with pytest.raises((NotAllowed, Invalid), match=r"not have reports about all|no team"):
                    ask_for_report(person, question(team=team))


def test_the_form_asks_and_the_page_says_how_far_it_is(fleet: Fleet) -> None:
    client = signed_in(fleet.ana)
    form = {
        "kind": "approvals", "team": fleet.teams["Payroll"].pk, "first_day": "2026-10-01",
        "last_day": "2026-10-31", "time_zone": "Europe/Berlin",
    }  # fmt: skip
    refused = client.post(reverse("reports"), form | {"team": ""})
    assert refused.status_code == 400
    answer = client.post(reverse("reports"), form)
    stored = StoredReport.objects.get()
    assert answer["location"] == stored.get_absolute_url()
    assert (stored.begin, stored.end) == (
        datetime(2026, 9, 30, 22, tzinfo=UTC),
        datetime(2026, 10, 31, 23, tzinfo=UTC),
    )
    assert "Waits for a worker" in client.get(stored.get_absolute_url()).content.decode()
    do_report(stored.pk, "w1")
    page = client.get(stored.get_absolute_url()).content.decode()
    assert stored.digest in page
    assert stored.ledger_root in page
    assert "OSCAL" not in page


def test_pages_show_the_numbers_and_lead_to_what_they_rest_on(fleet: Fleet) -> None:
    stored = store_sample(fleet.aud, None, sample_report(30))
    client = signed_in(fleet.aud)
    page = client.get(reverse("report-section", args=[stored.pk, "population"])).content.decode()
    assert "37 of 40 (92.5 %)" in page
    assert "approved 170 + denied 6 + withdrawn 4 = 180" in page
    assert 'class="chart broad"' in page and 'class="chart slim"' in page
    assert "The same as a table" in page
    page = client.get(reverse("report-section", args=[stored.pk, "register"])).content.decode()
    assert "The first 15 of 30 rows." in page
    assert f'href="{reverse("run", args=[3])}"' in page
    assert f'href="{reverse("audit-entry", args=[120])}"' in page
    assert HOSTILE[1] not in page
    assert "&lt;b&gt;Ana&lt;/b&gt;" in page
    kim = signed_in(fleet.kim).get(reverse("report-section", args=[stored.pk, "register"]))
    assert kim.status_code == 404


def test_rows_are_filtered_by_words_and_values(fleet: Fleet) -> None:
    stored = store_sample(fleet.aud, fleet.teams["Payroll"], sample_report(120))
    address = reverse("report-table", args=[stored.pk, "register", "changes"])
    client = signed_in(fleet.ana)

    def shown(**query: str) -> str:
        return " ".join(client.get(address, query).content.decode().split())

    assert "120 of 120 rows" in shown()
    assert "13 of 120 rows match" in shown(is_state="failed")
    assert "1 of 120 rows match" in shown(q="PAY077")
    assert "No row matches." in shown(q="pay077", is_state="failed")
    second = shown(page="3")
    assert "Page 3 of 3" in second
    assert "pay120" in second
    assert 'href="/audit/' not in shown()


def test_files_are_taken_with_an_entry_of_their_digest(fleet: Fleet) -> None:
    stored = store_sample(fleet.aud, fleet.teams["Payroll"], sample_report(5))
    client = signed_in(fleet.ana)
    for name, begins in {
        "json": b"{",
        "pdf": b"%PDF",
        "csv": b"PK",
        "oscal": b"{",
        "html": b"<!doctype",
    }.items():
        answer = client.get(reverse("report-file", args=[stored.pk, name]))
        assert answer.status_code == 200, name
        assert answer.content.startswith(begins)
        assert answer["Content-Disposition"].startswith(f'attachment; filename="{stored.number}-compliance.')
        taken = said("export.download")[-1]
        assert taken["d"] == {
            "format": name,
            "report_digest": stored.digest,
            "sha256": digest(answer.content),
        }
        assert taken["actor"]["id"] == fleet.ana.public_id
    assert client.get(reverse("report-file", args=[stored.pk, "xls"])).status_code == 400
    table = client.get(
        reverse("report-file", args=[stored.pk, "csv"]), {"table": "03-register-changes.csv", "bom": "1"}
    )
    assert table.content.startswith(b"\xef\xbb\xbf")
    assert len(list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline="")))) == 6


def test_the_json_is_the_digest_and_fits_the_served_schema(fleet: Fleet) -> None:
    stored = made(fleet)
    client = signed_in(fleet.ana)
    schema = client.get(reverse("report-schema")).json()
    content = client.get(reverse("report-file", args=[stored.pk, "json"])).content
    assert digest(content) == stored.digest
    jsonschema.Draft202012Validator(schema).validate(json.loads(content))


def test_a_file_of_html_asks_nobody_for_anything(fleet: Fleet) -> None:
    stored = store_sample(fleet.aud, fleet.teams["Payroll"], sample_report(5))
    page = signed_in(fleet.ana).get(reverse("report-file", args=[stored.pk, "html"])).content.decode()
    assert "src=" not in page
    assert 'href="#' in page
    assert page.count("href=") == page.count('href="#')
    assert "<script" not in page


def test_a_schedule_makes_and_mails_a_report_to_those_with_the_right(fleet: Fleet) -> None:
    wish = ScheduleWish("approvals", fleet.teams["Payroll"], "week", "Europe/Berlin", [fleet.ana, fleet.aud])
    schedule = set_report_schedule(fleet.ana, wish)
    assert play_report_schedules() == 0
    ReportSchedule.objects.update(next_at=now() - timedelta(seconds=1))
    assert play_report_schedules() == 1
    assert play_report_schedules() == 0
    [stored] = StoredReport.objects.all()
    assert (stored.end - stored.begin).days == 7
    Membership.objects.filter(user=fleet.ana).delete()
    do_report(stored.pk, "w1")
    stored.refresh_from_db()
    send_waiting()
    [letter] = mail.outbox
    assert letter.to == [fleet.aud.email]
    assert letter.subject == f"{stored.number} Approvals: is ready"
    for word in (stored.digest, stored.ledger_root, stored.get_absolute_url()):
        assert word in letter.body
    schedule.refresh_from_db()
    ReportSchedule.objects.update(next_at=now() - timedelta(seconds=1))
    assert play_report_schedules() == 0
    schedule.refresh_from_db()
    assert "There is no team payroll" in schedule.problem
    end_report_schedule(fleet.adm, schedule.pk)
    with pytest.raises(Conflict):
        end_report_schedule(fleet.adm, schedule.pk)
    assert [entry["d"]["ended"] for entry in said("report.schedule")] == [0, 1]


def test_nobody_is_sent_what_they_may_not_read(fleet: Fleet) -> None:
    for team, recipients in ((fleet.teams["Payroll"], [fleet.wes]), (None, [fleet.kim]), (None, [])):
        with pytest.raises(Invalid):
            set_report_schedule(fleet.adm, ScheduleWish("access", team, "month", "UTC", recipients))
    with pytest.raises(NotAllowed):
        set_report_schedule(fleet.ana, ScheduleWish("access", None, "month", "UTC", [fleet.aud]))
    assert not ReportSchedule.objects.exists()


def test_the_page_of_schedules_sets_and_ends_one(fleet: Fleet) -> None:
    client = signed_in(fleet.adm)
    form = {"kind": "access", "team": "", "every": "month", "time_zone": "UTC", "recipients": [fleet.aud.pk]}
    assert client.post(reverse("report-schedules"), form | {"time_zone": "Mars"}).status_code == 400
    assert client.post(reverse("report-schedules"), form | {"recipients": [fleet.wes.pk]}).status_code == 400
    assert client.post(reverse("report-schedules"), form).status_code == 302
    schedule = ReportSchedule.objects.get()
    page = client.get(reverse("report-schedules")).content.decode()
    assert "Access review" in page and "Aud Sato" in page
    client.post(reverse("end-report-schedule", args=[schedule.pk]))
    schedule.refresh_from_db()
    assert schedule.ended_at is not None


@pytest.mark.parametrize(
    ("every", "at", "turn", "begin", "end"),
    [
        ("week", "2026-11-25T12:00Z", "2026-11-30T00:00Z", "2026-11-15T23:00Z", "2026-11-22T23:00Z"),
        ("month", "2026-11-25T12:00Z", "2026-12-01T00:00Z", "2026-09-30T22:00Z", "2026-10-31T23:00Z"),
        ("month", "2026-03-31T22:30Z", "2026-03-31T23:00Z", "2026-02-28T23:00Z", "2026-03-31T22:00Z"),
        ("week", "2026-03-29T22:30Z", "2026-03-29T23:00Z", "2026-03-22T23:00Z", "2026-03-29T22:00Z"),
    ],
)
def test_turns_keep_the_clock_on_the_wall(every: str, at: str, turn: str, begin: str, end: str) -> None:
    """In Berlin, where the clock went back on 25 October and forward on 29 March."""
    moment = datetime.fromisoformat(at)
    assert next_turn(moment, every, "Europe/Berlin") == datetime.fromisoformat(turn)
    found = span_before(moment, every, "Europe/Berlin")
    assert found == (datetime.fromisoformat(begin), datetime.fromisoformat(end))


def test_the_command_writes_each_format_and_says_of_which_ledger(fleet: Fleet, tmp_path: Path) -> None:
    argv = [SHORT, "--from", "2026-01-01", "--to"]
    with pytest.raises(CommandError, match="longer than"):
        call_command("report", *argv, "2099-01-01", "--out", str(tmp_path / "x"), stderr=io.StringIO())
    argv.append(f"{now() + DAY:%Y-%m-%d}")
    for name in ("json", "csv", "html", "pdf"):
        out, path = io.StringIO(), tmp_path / f"report.{name}"
        options = ("--format", name, "--out", str(path), "--json")
        call_command("report", *argv, *options, stdout=out, stderr=io.StringIO())
        told = json.loads(out.getvalue())
        assert told["sha256"] == digest(path.read_bytes())
        assert said("report.create")[-1]["d"]["digest"] == told["digest"]
    assert digest((tmp_path / "report.json").read_bytes()).startswith("sha256:")
    with zipfile.ZipFile(tmp_path / "report.csv") as archive:
        assert "report.json" in archive.namelist()
    with pytest.raises(CommandError, match="is there already"):
        call_command("report", *argv, "--out", str(path), stderr=io.StringIO())


def test_an_auditor_of_one_team_sees_that_team_alone(fleet: Fleet) -> None:
    Membership.objects.create(user=fleet.sam, team=fleet.teams["Webshop"], role=Role.AUDITOR)
    shop, pay = (
        store_sample(fleet.adm, fleet.teams[name], sample_report(1)) for name in ("Webshop", "Payroll")
    )
    assert list(visible_reports(fleet.sam)) == [shop]
    assert signed_in(fleet.sam).get(pay.get_absolute_url()).status_code == 404
