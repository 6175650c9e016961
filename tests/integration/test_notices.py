"""Who is told what by mail, once, and what happens when it cannot be sent."""

import base64
import socketserver
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse

from liveupdate.actions.approvals import approve, ask_for_change, reject
from liveupdate.actions.mailing import failing_notices, remind, send_waiting
from liveupdate.actions.notices import choose_mail, tell
from liveupdate.actions.windows import expire_over
from liveupdate.control.notices import Occasion
from liveupdate.models import Notice, Request, Run
from liveupdate.states import RequestState, RunState
from liveupdate.transitions import enter_state
from portal.access.models import User
from portal.lib.clock import now
from tests.fleet import Fleet, make_fleet

pytestmark = [pytest.mark.django_db, pytest.mark.deep]


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def told(occasion: Occasion) -> list[str]:
    rows = Notice.objects.filter(occasion=occasion).order_by("person__username")
    return list(rows.values_list("person__username", flat=True))


def sent() -> list[tuple[str, str]]:
    return sorted((message.to[0], message.subject) for message in mail.outbox)


def running(fleet: Fleet, state: RunState, reason: str = "") -> Run:
    run = fleet.queued()
    with transaction.atomic():
        enter_state(run, RunState.RUNNING)
        enter_state(run, state, reason=reason, outcome="what became of it")
    return run


def test_who_can_decide_gets_a_link_and_a_summary(fleet: Fleet) -> None:
    request = fleet.submitted()
    assert told(Occasion.TO_DECIDE) == ["bo", "ivy"]
    assert send_waiting() == 2
    assert sent() == [
        (f"{name}@example.test", f"{request.number} pay01: waits for your decision") for name in ("bo", "ivy")
    ]
    assert request.get_absolute_url() in mail.outbox[0].body
    assert send_waiting() == 0 and len(mail.outbox) == 2


def test_the_requester_hears_of_each_decision(fleet: Fleet) -> None:
    first = fleet.submitted()
    assert first.plan is not None
    reject(fleet.ivy, first.pk, first.plan.digest, "not this week")
    second = fleet.submitted()
    assert second.plan is not None
    ask_for_change(fleet.ivy, second.pk, second.plan.digest, "another window")
    third = fleet.submitted()
    assert third.plan is not None
    approve(fleet.ivy, third.pk, third.plan.digest)
    for occasion in (Occasion.REJECTED, Occasion.CHANGE_ASKED, Occasion.APPROVED):
        assert told(occasion) == ["ana"]
    send_waiting()
    assert any(
        "not this week" in message.body for message in mail.outbox if message.to == ["ana@example.test"]
    )


@pytest.mark.parametrize(
    ("state", "occasion", "people"),
    [
        (RunState.NEEDS_PERSON, Occasion.NEEDS_PERSON, ["ana", "kim"]),
        (RunState.CONTACT_LOST, Occasion.CONTACT_LOST, ["ana", "kim"]),
        (RunState.FAILED, Occasion.FAILED, ["ana", "kim"]),
        (RunState.SUCCEEDED_WITH_RESIDUE, Occasion.RESIDUE, ["ana", "kim"]),
        (RunState.SUCCEEDED, Occasion.SUCCEEDED, ["ana"]),
    ],
)
def test_requester_and_operators_hear_what_became_of_a_run(
    fleet: Fleet, state: RunState, occasion: Occasion, people: list[str]
) -> None:
    run = running(fleet, state, reason="the line is down")
    assert told(occasion) == people
    assert all(run.get_absolute_url() in notice.text for notice in Notice.objects.filter(occasion=occasion))


def test_contact_that_comes_back_at_once_is_no_news(fleet: Fleet) -> None:
    run = running(fleet, RunState.CONTACT_LOST)
    Notice.objects.exclude(occasion=Occasion.CONTACT_LOST).delete()
    assert send_waiting() == 0
    enter_state(run, RunState.RUNNING)
    Notice.objects.update(try_at=now() - timedelta(seconds=1))
    send_waiting()
    assert {notice.state for notice in Notice.objects.filter(occasion=Occasion.CONTACT_LOST)} == {"overtaken"}
    assert mail.outbox == []


def test_what_was_decided_meanwhile_needs_no_mail(fleet: Fleet) -> None:
    request = fleet.submitted()
    assert request.plan is not None
    approve(fleet.ivy, request.pk, request.plan.digest)
    send_waiting()
    assert [to for to, _ in sent()] == ["ana@example.test"]


def test_nothing_is_told_of_what_did_not_happen(fleet: Fleet) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        fleet.submitted()
        raise ZeroDivisionError
    assert not Notice.objects.exists()


def test_the_same_is_told_once(fleet: Fleet) -> None:
    request = fleet.approved()
    for _ in range(3):
        tell(Occasion.HELD, [fleet.ana], request, matter="no_room")
    tell(Occasion.HELD, [fleet.ana], request, matter="lpar_busy")
    assert len(told(Occasion.HELD)) == 2


def test_information_can_be_done_without_and_action_cannot(fleet: Fleet, client: Client) -> None:
    client.force_login(fleet.ana)
    client.post(reverse("mail-choice"), {"actions_only": "yes"})
    running(fleet, RunState.SUCCEEDED)
    request = fleet.approved()
    tell(Occasion.HELD, [fleet.ana], request)
    assert set(Notice.objects.filter(person=fleet.ana).values_list("occasion", flat=True)) == {"held"}
    choose_mail(fleet.ana, actions_only=False)
    tell(Occasion.EXPIRED, [fleet.ana], request)
    assert told(Occasion.EXPIRED) == ["ana"]


def test_who_has_no_address_or_no_account_any_more_gets_nothing(fleet: Fleet) -> None:
    User.objects.filter(username="ivy").update(email="")
    User.objects.filter(username="kim").update(is_active=False)
    fleet.submitted()
    assert told(Occasion.TO_DECIDE) == ["bo"]
    running(fleet, RunState.FAILED)
    assert told(Occasion.FAILED) == ["ana"]


@pytest.mark.parametrize(("gone", "shares"), [(0.3, []), (0.6, ["50"]), (0.9, ["80"])])
def test_deciders_are_reminded_on_the_way_to_the_window(fleet: Fleet, gone: float, shares: list[str]) -> None:
    request = fleet.submitted(starts_at=now() + timedelta(hours=1), ends_at=now() + timedelta(hours=9))
    asked = now() - timedelta(hours=1) * gone / (1 - gone)
    Notice.objects.filter(occasion=Occasion.TO_DECIDE).update(created_at=asked)
    for _ in range(2):
        remind()
    keys = Notice.objects.filter(request=request, occasion=Occasion.REMINDER).values_list("key", flat=True)
    assert sorted({key.split(":")[3] for key in keys}) == shares
    assert told(Occasion.REMINDER) == ["bo", "ivy"] * len(shares)


def test_nobody_is_reminded_of_what_is_decided(fleet: Fleet) -> None:
    fleet.approved()
    Notice.objects.update(created_at=now() - timedelta(days=30))
    remind()
    assert told(Occasion.REMINDER) == []


def test_the_requester_hears_that_the_window_is_over(fleet: Fleet) -> None:
    request = fleet.submitted()
    Request.objects.filter(pk=request.pk).update(ends_at=now() - timedelta(minutes=1))
    expire_over()
    assert told(Occasion.EXPIRED) == ["ana"]


def test_a_mail_that_cannot_be_sent_is_tried_again_and_people_see_it(
    fleet: Fleet, settings: Any, client: Client
) -> None:
    fleet.submitted()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send_waiting()
    (failing,) = failing_notices()
    assert "refused" in failing.problem.lower() and failing.try_at > now()
    client.force_login(fleet.adm)
    assert b'id="mail-trouble"' in client.get(reverse("dashboard")).content
    assert failing.problem.encode()[:20] in client.get(reverse("notices")).content
    health = client.get("/healthz")
    assert health.json()["mail"] == "failed"
    assert health.status_code == (503 if "failed" in _vital(health.json()) else 200)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Notice.objects.update(try_at=now() - timedelta(seconds=1))
    send_waiting()
    assert [to for to, _ in sent()] == ["bo@example.test", "ivy@example.test"]
    assert not failing_notices().exists()


class RepeatingMailServer(socketserver.StreamRequestHandler):
    """A mail server that refuses to sign in, and repeats what it did not understand."""

    def handle(self) -> None:
        self.wfile.write(b"220 mail\r\n")
        self.rfile.readline()
        self.wfile.write(b"250-mail\r\n250 AUTH PLAIN\r\n")
        self.wfile.write(b"535 not understood: " + self.rfile.readline().strip() + b"\r\n")


@pytest.mark.threat("T9")
def test_a_mail_server_that_repeats_the_password_shows_it_to_nobody(
    fleet: Fleet, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    fleet.submitted()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "lu-portal", "kanari-7vogel"
    sent = base64.b64encode(b"\0lu-portal\0kanari-7vogel").decode()
    with socketserver.TCPServer(("127.0.0.1", 0), RepeatingMailServer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        send_waiting()
        server.shutdown()
    (failing,) = failing_notices()
    assert "not understood" in failing.problem
    for place in (failing.problem, caplog.text):
        assert "[redacted]" in place
        assert [form for form in ("kanari", sent[-12:]) if form in place] == []


def _vital(words: dict[str, str]) -> list[str]:
    return [word for name, word in words.items() if name != "mail"]


def test_a_hostile_name_reaches_no_header(fleet: Fleet) -> None:
    team = fleet.teams["Payroll"]
    team.name = "Payroll\nBcc: all@example.test"
    team.save()
    fleet.submitted()
    send_waiting()
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert "Bcc" not in message.message() and len(message.recipients()) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_senders_at_once_one_sends() -> None:
    make_fleet().submitted()
    gate = threading.Barrier(2)

    def send() -> None:
        gate.wait()
        try:
            send_waiting()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mail.outbox) == Notice.objects.count() == 2
    assert Request.objects.get().state == RequestState.SUBMITTED
