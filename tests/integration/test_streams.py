"""Server-sent events against uvicorn: history, live, resume, one reading for many, rights, stopping."""

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from django.test import Client

from portal.access.models import User
from portal.web import streams
from tests.integration import sample_pages as sample
from tests.serving import serve

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.integration.sample_pages")]


@pytest.fixture(autouse=True)
def empty_feed() -> None:
    sample.EVENTS.clear()
    sample.READS.clear()
    sample.ALLOWED[0] = True


@pytest.fixture
def served() -> Iterator[tuple[str, uvicorn.Server]]:
    with serve() as pair:
        yield pair


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", password=None)


@pytest.fixture
def visitor(served: tuple[str, uvicorn.Server], ana: User) -> Iterator[httpx.Client]:
    client = Client()
    client.force_login(ana)
    with httpx.Client(base_url=served[0], cookies={"lu": client.cookies["lu"].value}, timeout=8) as made:
        yield made


def events(visitor: httpx.Client, count: int | None = None, **request: object) -> list[tuple[str, str, str]]:
    """(id, event, data) of the first `count` events; all until the server closes without `count`."""
    got: list[tuple[str, str, str]] = []
    with visitor.stream("GET", "/sample/stream/", **request) as answer:  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["content-type"] == "text/event-stream"
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                fields[name] = value
            elif "event" in fields:
                got.append((fields.get("id", ""), fields["event"], fields["data"]))
                fields = {}
            if count is not None and len(got) == count:
                break
    return got


def test_the_whole_history_comes_first_then_what_is_new(visitor: httpx.Client) -> None:
    for number in range(170):
        sample.say("output", f"line {number}")
    later = threading.Timer(0.6, lambda: (sample.say("output", "new"), sample.say("end", "-")))
    later.start()
    got = events(visitor)
    assert [data for _, _, data in got] == [*(f"line {n}" for n in range(170)), "new", "-"]
    assert [int(at) for at, _, _ in got] == list(range(1, 173))


def test_a_stream_goes_on_where_the_browser_left_off(visitor: httpx.Client) -> None:
    for number in range(10):
        sample.say("output", str(number))
    first = events(visitor, 4)
    sample.say("end", "-")
    rest = events(visitor, headers={"Last-Event-ID": first[-1][0]})
    assert [data for _, _, data in first + rest] == [*map(str, range(10)), "-"]
    assert events(visitor, params={"after": first[-1][0]}) == rest


def test_many_readers_of_one_feed_cost_one_reading(visitor: httpx.Client) -> None:
    sample.say("output", "start")
    results: list[list[tuple[str, str, str]]] = []
    readers = [threading.Thread(target=lambda: results.append(events(visitor))) for _ in range(20)]
    for reader in readers:
        reader.start()
    time.sleep(1.0)
    sample.READS.clear()
    begun = time.monotonic()
    time.sleep(1.0)
    assert len(sample.READS) <= 6 * (time.monotonic() - begun), "20 readers, four readings a second"
    sample.say("end", "-")
    for reader in readers:
        reader.join(5)
    assert results == [[("1", "output", "start"), ("2", "end", "-")]] * 20


def test_nothing_is_read_when_nobody_looks(visitor: httpx.Client) -> None:
    sample.say("output", "x")
    events(visitor, 1)
    time.sleep(0.8)
    sample.READS.clear()
    time.sleep(0.6)
    assert sample.READS == []


@pytest.mark.threat("T36")
def test_a_stream_needs_a_signed_in_person(visitor: httpx.Client) -> None:
    visitor.cookies.clear()
    answer = visitor.get("/sample/stream/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/sign-in/?next=/sample/stream/")


def test_a_cursor_that_is_none_is_refused(visitor: httpx.Client) -> None:
    assert visitor.get("/sample/stream/", params={"after": "1 OR 1=1"}).status_code == 400


@pytest.mark.threat("T36")
@pytest.mark.asvs("8.3.2")
@pytest.mark.parametrize("cause", ["session", "deactivated", "rights"])
def test_a_stream_closes_when_its_reader_may_no_longer_read(
    visitor: httpx.Client, ana: User, cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "CHECK_S", 0.2)
    sample.say("output", "x")

    def end() -> None:
        if cause == "rights":
            sample.ALLOWED[0] = False
        elif cause == "deactivated":
            ana.is_active = False
            ana.save()
        else:
            client = Client()
            client.cookies["lu"] = visitor.cookies["lu"]
            client.post("/sign-out/")

    threading.Timer(0.5, end).start()
    started = time.monotonic()
    assert events(visitor) == [("1", "output", "x")]
    assert 0.4 < time.monotonic() - started < 4


def test_a_silent_stream_says_that_it_is_alive(
    visitor: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.1)
    assert events(visitor, 2) == [("", "alive", "1")] * 2


def test_a_stream_is_not_stored_or_buffered_on_the_way(visitor: httpx.Client) -> None:
    sample.say("end", "-")
    headers = visitor.get("/sample/stream/").headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in headers


def test_a_feed_that_breaks_closes_its_streams_and_the_next_reader_is_served(
    visitor: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    original = sample.ListFeed.fetch
    monkeypatch.setattr(sample.ListFeed, "fetch", lambda *_: 1 / 0)
    assert events(visitor) == []
    monkeypatch.setattr(sample.ListFeed, "fetch", original)
    sample.say("end", "-")
    assert events(visitor) == [("1", "end", "-")]


def test_the_server_stops_while_streams_are_open(
    visitor: httpx.Client, served: tuple[str, uvicorn.Server]
) -> None:
    sample.say("output", "x")
    ended: list[str] = []

    def read() -> None:
        try:
            events(visitor)
        except httpx.RemoteProtocolError:
            ended.append("cut")

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(0.5)
    served[1].should_exit = True
    reader.join(6)
    assert not reader.is_alive()
    assert ended == ["cut"], "the browser sees a lost connection and comes back, not an end"
