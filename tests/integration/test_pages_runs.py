"""The page of a run in each of its states, its downloads, and what may be done to it."""

from html import unescape
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse

from liveupdate.models import Run
from liveupdate.states import RunState
from liveupdate.transitions import enter_state
from tests.fleet import Fleet, make_fleet
from tests.run_story import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


@pytest.fixture
def story(fleet: Fleet) -> Story:
    return Story(fleet.queued())


def client_of(fleet: Fleet, person: str) -> Client:
    client = Client()
    client.force_login(fleet.people[person])
    return client


def opened(fleet: Fleet, person: str, run: Run) -> str:
    answer = client_of(fleet, person).get(run.get_absolute_url())
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def offers(page: str) -> set[str]:
    return {name for name in ("abort", "decide") if f'id="{name}"' in page}


def test_a_run_can_be_aborted_by_who_may_start_it_and_nobody_else(fleet: Fleet, story: Story) -> None:
    story.begin().up_to_update()
    for person, wanted in {"ana": {"abort"}, "kim": {"abort"}, "ivy": set(), "aud": set()}.items():
        assert offers(opened(fleet, person, story.run)) == wanted, person
    answer = client_of(fleet, "ana").post(reverse("abort-run", args=[story.run.pk]))
    assert answer["location"] == story.run.get_absolute_url()
    page = opened(fleet, "ana", story.run)
    assert offers(page) == set()
    assert "The abort is on its way." in page


def test_past_the_point_of_no_return_the_page_offers_no_abort_and_the_portal_refuses_one(
    fleet: Fleet, story: Story
) -> None:
    story.begin().in_blackout()
    page = opened(fleet, "ana", story.run)
    assert offers(page) == set()
    assert "Past the point of no return since" in page
    assert "The portal sends no signal and closes nothing until Live Update ends." in page
    assert "The workload has stood still since" in page
    answer = client_of(fleet, "ana").post(reverse("abort-run", args=[story.run.pk]))
    assert answer.status_code == 409
    assert "passed the point of no return" in answer.content.decode()
    story.run.refresh_from_db()
    assert story.run.abort_asked_at is None


def test_the_bar_shows_where_the_run_is(fleet: Fleet, story: Story) -> None:
    assert "aria-current" not in _bar(opened(fleet, "ana", story.run))
    story.begin().in_blackout()
    bar = _bar(opened(fleet, "ana", story.run))
    now = bar.split('aria-current="step">')[1].split("<")[0]
    assert now == "Move"
    assert bar.count('class="now"') == 1
    assert 'class="done pnr"' in bar


def _bar(page: str) -> str:
    return page.split('<ol class="phases"')[1].split("</ol>", maxsplit=1)[0]


def test_a_person_decides_where_the_record_cannot(fleet: Fleet, story: Story) -> None:
    story.begin().needs_person()
    assert offers(opened(fleet, "ana", story.run)) == set()
    page = opened(fleet, "kim", story.run)
    assert offers(page) == {"decide"}
    assert "left no exit status" in page
    address = reverse("decide-run", args=[story.run.pk])
    answer = client_of(fleet, "kim").post(address, {"decision": "close"})
    assert answer.status_code == 400
    assert "A decision needs a reason." in answer.content.decode()
    answer = client_of(fleet, "kim").post(address, {"decision": "format", "reason": "x"})
    assert answer.status_code == 400
    answer = client_of(fleet, "kim").post(address, {"decision": "close", "reason": "It runs the old level"})
    assert answer.status_code == 302
    page = opened(fleet, "kim", story.run)
    assert 'data-state="failed"' in page
    assert "Kim Lind closed the run as failed: It runs the old level" in page


def test_the_record_of_a_good_run_says_what_came_of_it(fleet: Fleet, story: Story) -> None:
    story.begin().finishes()
    page = opened(fleet, "ana", story.run)
    assert 'data-state="succeeded"' in page
    assert "12.6 s" in page
    assert page.count("7200-05-04-2220") >= 2
    assert "hx-trigger" in page
    assert "every 5s" not in page
    assert "Ivy Novak" in page


def test_the_record_of_a_failed_run_names_the_cause_and_the_remedy(fleet: Fleet, story: Story) -> None:
    story.begin().fails()
    page = opened(fleet, "ana", story.run)
    assert 'data-state="failed"' in page
    assert "The running kernel cannot release shared libraries of non-root users" in page
    assert "Stop the workload of non-root users and run again" in page
    assert "7200-05-03-2148 is none of them" in page
    assert "It ended with status 1, where 0 was expected." in page


def test_a_lost_contact_is_said_and_not_judged(fleet: Fleet, story: Story) -> None:
    story.begin().in_blackout()
    story.run.refresh_from_db()
    enter_state(story.run, RunState.CONTACT_LOST, reason="pay01 has not answered for 40 s.")
    page = opened(fleet, "ana", story.run)
    assert 'data-state="contact_lost"' in page
    assert "pay01 has not answered for 40 s." in page
    assert "Failed" not in _main(page)


def _main(page: str) -> str:
    return page.split("<main")[1]


def test_what_hosts_say_is_never_taken_for_markup(fleet: Fleet, story: Story) -> None:
    story.begin().up_to_update()
    story.looks("<i>pay01</i>,26,<script>x</script>,active")
    row = story.run.steps.first()
    assert row is not None
    row.message, row.state = "\x1b[2J<img src=x onerror=alert(1)>", "failed"
    row.save()
    page = client_of(fleet, "ana").get(story.run.get_absolute_url()).content.decode()
    assert "<script>x" not in page
    assert "<i>pay01" not in page
    assert "<img src=x" not in page
    assert "\x1b" not in page


def body_of(answer: Any) -> bytes:
    """What a download holds; its pieces come one by one."""

    async def pieces() -> list[bytes]:
        return [piece async for piece in answer.streaming_content]

    return b"".join(async_to_sync(pieces)())


def test_downloads_are_the_bytes_that_were_stored(fleet: Fleet, story: Story) -> None:
    story.begin().up_to_update()
    command = story.live_update()
    story.prints(command, bytes(range(256)) * 9, stream="stderr", size=700)
    client = client_of(fleet, "ana")
    for stream, wanted in (("stdout", story.live_output), ("stderr", bytes(range(256)) * 9)):
        answer: Any = client.get(reverse("run-output", args=[story.run.pk, command.number, stream]))
        assert body_of(answer) == wanted
        assert answer["content-type"] == "application/octet-stream"
        assert answer["x-content-type-options"] == "nosniff"
        assert answer["content-disposition"].startswith("attachment; ")
    answer = client.get(reverse("run-transcript", args=[story.run.pk]))
    text = body_of(answer)
    assert story.live_output in text
    assert f"root@pay01 $ {command.line}".encode() in text


def test_there_is_no_third_stream_and_no_command_that_was_not_sent(fleet: Fleet, story: Story) -> None:
    story.begin().up_to_update()
    client = client_of(fleet, "ana")
    assert client.get(f"/runs/{story.run.pk}/commands/1/../../../etc/").status_code == 404
    assert client.get(f"/runs/{story.run.pk}/commands/1/stdin/").status_code == 404
    assert client.get(f"/runs/{story.run.pk}/commands/999/stdout/").status_code == 404
