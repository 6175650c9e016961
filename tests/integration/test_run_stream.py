"""The stream of a run against uvicorn: every byte in order, live, over broken connections, for whom it is."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from liveupdate.models import OutputChunk, RunCommand, RunEvent
from liveupdate.pages.run_feed import RunFeed
from liveupdate.states import RunState
from tests.fleet import Fleet, make_fleet
from tests.run_story import Story
from tests.serving import serve

pytestmark = pytest.mark.django_db(transaction=True)

Event = tuple[str, str, Any]


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


@pytest.fixture
def story(fleet: Fleet) -> Story:
    return Story(fleet.queued()).begin()


@pytest.fixture
def address() -> Iterator[str]:
    with serve() as (served, _server):
        yield served


def visitor(address: str, fleet: Fleet, person: str) -> httpx.Client:
    client = Client()
    client.force_login(fleet.people[person])
    return httpx.Client(base_url=address, cookies={"lu": client.cookies["lu"].value}, timeout=8)


def listen(client: httpx.Client, story: Story, count: int | None = None, after: str = "") -> list[Event]:
    """(id, event, data) until the stream ends, or `count` of them before the line breaks."""
    got: list[Event] = []
    headers = {"Last-Event-ID": after} if after else {}
    with client.stream("GET", reverse("run-stream", args=[story.run.pk]), headers=headers) as answer:
        assert answer.status_code == 200
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                fields[name] = value
                continue
            if fields.get("event") not in (None, "alive"):
                got.append((fields["id"], fields["event"], json.loads(fields["data"] or "null")))
            fields = {}
            if len(got) == count:
                break
    return got


def text_by_stream(events: list[Event]) -> dict[tuple[int, str], str]:
    shown: dict[tuple[int, str], str] = {}
    for _, event, data in events:
        if event == "output":
            key = data["command"], data["stream"]
            shown[key] = shown.get(key, "") + data["text"]
    return shown


def stored() -> dict[tuple[int, str], str]:
    held: dict[tuple[int, str], bytes] = {}
    for chunk in OutputChunk.objects.select_related("command").order_by("pk"):
        key = chunk.command.number, chunk.stream
        held[key] = held.get(key, b"") + bytes(chunk.content)
    return {key: content.decode("utf-8", "replace") for key, content in held.items()}


def test_the_whole_record_in_its_order(fleet: Fleet, story: Story, address: str) -> None:
    story.finishes()
    events = listen(visitor(address, fleet, "ana"), story)
    assert events[-1][1] == "end"
    assert text_by_stream(events) == stored()
    numbers = [data["number"] for _, event, data in events if event == "command"]
    assert numbers == sorted(numbers)
    assert numbers == [n for number in range(1, max(numbers) + 1) for n in (number, number)]
    open_command = 0
    for _, event, data in events:
        if event == "command":
            open_command = data["number"] if data["state"] == "started" else 0
        if event == "output":
            assert data["command"] == open_command, "output stands between its command's start and end"
    marks = [data["text"] for _, event, data in events if event == "mark"]
    assert [mark.split(":")[0] for mark in marks if "lackout" in mark] == [
        "Blackout",
        "Blackout over",
    ]
    assert marks[-1] == "Succeeded: The LPAR runs 7200-05-04-2220."


def test_live_lines_come_within_a_second(fleet: Fleet, story: Story, address: str) -> None:
    command = story.start(story.run.steps.order_by("position")[0])
    arrived: list[float] = []
    events: list[Event] = []

    def read() -> None:
        events.extend(listen(visitor(address, fleet, "ana"), story, count=5))
        arrived.append(time.monotonic())

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(1)
    printed = time.monotonic()
    story.prints(command, b"it goes on\n")
    reader.join(6)
    assert events[-1][1:] == ("output", events[-1][2])
    assert events[-1][2]["text"] == "it goes on\n"
    assert arrived[0] - printed < 1


def test_a_broken_connection_loses_and_repeats_nothing(fleet: Fleet, story: Story, address: str) -> None:
    client = visitor(address, fleet, "ana")
    story.up_to_update()
    command = story.start(story.run.steps.get(phase="update", key__contains="update"))
    text = "".join(f"Zeile {n}: schön, 20 € für 🦊\n" for n in range(120)).encode()
    writer = threading.Thread(target=_print_slowly, args=(story, command, text))
    writer.start()
    events: list[Event] = []
    for count in (3, 1, 17, 40, 2, 60):
        events += listen(client, story, count=count, after=events[-1][0] if events else "")
    writer.join()
    events += listen(client, story, after=events[-1][0])
    assert len({at for at, _, _ in events[:-1]}) == len(events) - 1
    assert text_by_stream(events) == stored()
    assert text_by_stream(events)[command.number, "stdout"] == text.decode()


def _print_slowly(story: Story, command: RunCommand, text: bytes) -> None:
    for start in range(0, len(text), 700):
        story.prints(command, text[start : start + 700], size=37)
        time.sleep(0.02)
    story.ends(command, 0)
    story.over(RunState.SUCCEEDED, "done")
    connection.close()


def test_bytes_that_are_no_text_are_shown_and_kept(fleet: Fleet, story: Story, address: str) -> None:
    story.up_to_update()
    command = story.start(story.run.steps.get(phase="update", key__contains="update"))
    raw = b"latin: caf\xe9\nbinary: \x00\x01\xff\xfe\ncut: \xe2\x82"
    story.prints(command, raw, size=1)
    story.ends(command, 0)
    story.over(RunState.SUCCEEDED, "done")
    events = listen(visitor(address, fleet, "ana"), story)
    assert text_by_stream(events)[command.number, "stdout"] == raw.decode("utf-8", "replace")


@pytest.mark.threat("T36")
@pytest.mark.asvs("8.2.2")
def test_strangers_get_nothing(fleet: Fleet, story: Story, address: str) -> None:
    stream = reverse("run-stream", args=[story.run.pk])
    statuses = {person: visitor(address, fleet, person).get(stream).status_code for person in ("wes", "sam")}
    assert statuses == {"wes": 404, "sam": 404}
    assert httpx.get(address + stream).status_code == 302
    assert visitor(address, fleet, "wes").get(reverse("run-stream", args=[999])).status_code == 404


def test_a_piece_received_before_the_last_one_is_not_skipped(story: Story) -> None:
    command = story.start(story.run.steps.order_by("position")[0])
    for number in range(6):
        story.prints(command, f"{number}\n".encode())
    late = OutputChunk.objects.order_by("-pk")[2]
    late.received_at += timedelta(seconds=5)
    late.save()
    cursor, shown = (), []
    while batch := RunFeed(story.run.pk).fetch(cursor, 2):
        cursor = batch[-1].id
        shown += [json.loads(event.data)["text"] for event in batch if event.event == "output"]
    assert "".join(shown) == "0\n1\n2\n3\n4\n5\n"


def test_an_event_that_comes_while_chunks_are_read_is_read_too(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Output is never shown before the command that printed it."""
    rows = list(story.run.steps.order_by("position")[:2])
    story.perform(rows[0], b"first\n")
    original = RunFeed._chunks
    done: list[int] = []

    def chunks_after_a_commit(feed: RunFeed, after: int, limit: int) -> Any:
        if not done:
            done.append(1)
            story.perform(rows[1], b"second\n")
        return original(feed, after, limit)

    monkeypatch.setattr(RunFeed, "_chunks", chunks_after_a_commit)
    told = [(event.event, json.loads(event.data)) for event in RunFeed(story.run.pk).fetch((), 50)]
    order = [
        (name, data.get("number") or data.get("command"), data.get("state"))
        for name, data in told
        if name in ("command", "output")
    ]
    assert order == [
        ("command", 1, "started"), ("output", 1, None), ("command", 1, "ended"),
        ("command", 2, "started"), ("output", 2, None), ("command", 2, "ended"),
    ]  # fmt: skip


def test_watching_the_hmc_is_no_line_of_the_log(story: Story) -> None:
    story.looks()
    RunEvent.objects.create(
        run=story.run,
        kind="command",
        data={"number": 9, "host": "hmc01", "line": "lssyscfg", "state": "intended", "watch": True},
    )
    assert {event.event for event in RunFeed(story.run.pk).fetch((), 50)} == {"changed"}
