"""Following output by byte offset: every byte once, through every accident on the way."""

import hashlib
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paramiko
import pytest

from inventory.command import Command
from inventory.transport import Endpoint, Probe, ProbeState, Stream, connect, readers
from inventory.transport.errors import ContactLost, Unreachable
from tests.ssh_server import OpenSsh, Server, in_process_server, openssh_server

NEVER = lambda: False  # noqa: E731


class Record:
    """What a follower delivered; refuses a gap or a repetition."""

    def __init__(self) -> None:
        self.streams = {"stdout": bytearray(), "stderr": bytearray()}
        self.offsets: dict[str, int] = {}
        self.heard = threading.Event()

    def __call__(self, stream: Stream, offset: int, data: bytes) -> None:
        assert offset == len(self.streams[stream]), "a gap or a repetition"
        assert data
        self.streams[stream] += data
        self.heard.set()

    def digests(self) -> dict[str, str]:
        return {stream: hashlib.sha256(data).hexdigest() for stream, data in self.streams.items()}


def digests_on_host(endpoint: Endpoint, key: str) -> dict[str, str]:
    place = Path(endpoint.launcher_dir) / key
    return {name: hashlib.sha256((place / name).read_bytes()).hexdigest() for name in ("stdout", "stderr")}


def sh(script: str, *words: str) -> Command:
    return Command(("sh", "-c", script, "sh", *words))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with in_process_server(tmp_path_factory.mktemp("host")) as running:
        yield running


@pytest.fixture(scope="module")
def without_sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with in_process_server(tmp_path_factory.mktemp("host"), sftp=False) as running:
        yield running


OPENSSH = ["MaxSessions 10", "MaxSessions 1", "no sftp"]


@pytest.fixture(
    scope="module",
    params=["server", "without_sftp", *(pytest.param(name, marks=pytest.mark.openssh) for name in OPENSSH)],
)
def endpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    if request.param not in OPENSSH:
        yield request.getfixturevalue(request.param).endpoint()
        return
    options = [] if request.param == "no sftp" else [request.param]
    with openssh_server(tmp_path_factory.mktemp("sshd"), *options, sftp=bool(options)) as running:
        yield running.endpoint()


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    return f"k{abs(hash(request.node.nodeid)):x}.{os.getpid()}"


def follow_through(endpoint: Endpoint, key: str, record: Record, tries: int = 200) -> tuple[Probe, int]:
    """Follow as the engine does: connect again after every loss and go on at the offsets."""
    losses = 0
    for _ in range(tries):
        try:
            with connect(endpoint) as connection:
                return connection.follow(key, record.offsets, record, stop=NEVER, poll_s=0.05), losses
        except (ContactLost, Unreachable):
            losses += 1
    raise AssertionError("never came to the end")


def test_delivers_both_streams_and_the_end(endpoint: Endpoint, key: str) -> None:
    record = Record()
    with connect(endpoint) as connection:
        connection.launch(key, sh("echo one; echo err >&2; sleep 0.6; printf 'no newline'; exit 4"))
        probe = connection.follow(key, record.offsets, record, stop=NEVER)
    assert (probe.state, probe.status) == (ProbeState.ENDED, 4)
    assert bytes(record.streams["stdout"]) == b"one\nno newline"
    assert bytes(record.streams["stderr"]) == b"err\n"
    assert record.offsets == {"stdout": 14, "stderr": 4}


def test_goes_on_at_any_offset(endpoint: Endpoint, key: str) -> None:
    with connect(endpoint) as connection:
        connection.launch(key, sh("dd if=/dev/urandom bs=1000 count=300 2>/dev/null"))
        first = Record()
        assert connection.follow(key, first.offsets, first, stop=NEVER).status == 0
        whole = bytes(first.streams["stdout"])
        assert len(whole) == 300_000
        for offset in (1, 65_535, 65_536, 65_537, 299_999, 300_000):
            rest = Record()
            rest.streams["stdout"] += whole[:offset]
            rest.offsets["stdout"] = offset
            connection.follow(key, rest.offsets, rest, stop=NEVER)
            assert bytes(rest.streams["stdout"]) == whole
            assert rest.offsets["stdout"] == len(whole)


def test_an_absent_command_is_absent(endpoint: Endpoint, key: str) -> None:
    with connect(endpoint) as connection:
        assert connection.follow(key, {}, Record(), stop=NEVER) == Probe(ProbeState.ABSENT)


def test_a_vanished_command_is_noticed_with_all_its_bytes(endpoint: Endpoint, key: str) -> None:
    record = Record()
    with connect(endpoint) as connection:
        connection.launch(key, sh("echo before; kill -9 -$PPID; kill -9 $PPID $$"))
        probe = connection.follow(key, record.offsets, record, stop=NEVER)
    assert probe.state is ProbeState.VANISHED
    assert probe.pid
    assert bytes(record.streams["stdout"]) == b"before\n"


def test_stop_ends_the_follow_and_nothing_else(endpoint: Endpoint, key: str) -> None:
    record = Record()
    with connect(endpoint) as connection:
        connection.launch(key, sh("echo begun; sleep 2; echo end"))
        probe = connection.follow(key, record.offsets, record, stop=record.heard.is_set)
        assert probe.state is ProbeState.RUNNING
        assert bytes(record.streams["stdout"]) == b"begun\n"
        assert connection.follow(key, record.offsets, record, stop=NEVER).status == 0
    assert bytes(record.streams["stdout"]) == b"begun\nend\n"


def test_a_listener_that_fails_loses_no_byte(endpoint: Endpoint, key: str) -> None:
    record = Record()

    def fail(stream: Stream, offset: int, data: bytes) -> None:
        raise RuntimeError("storage is away")

    with connect(endpoint) as connection:
        connection.launch(key, sh("echo kept"))
        with pytest.raises(RuntimeError, match="away"):
            connection.follow(key, record.offsets, fail, stop=NEVER)
        connection.follow(key, record.offsets, record, stop=NEVER)
    assert bytes(record.streams["stdout"]) == b"kept\n"


BUSY = """i=0
while [ $i -lt 60 ]; do
  dd if=/dev/urandom bs=3001 count=3 2>/dev/null
  echo "line $i" >&2
  sleep 0.03
  i=$((i + 1))
done
exit 9"""


def test_dropped_connections_lose_no_byte(server: Server, key: str) -> None:
    record = Record()
    endpoint = server.endpoint()
    with connect(endpoint) as connection:
        connection.launch(key, sh(BUSY))
    over = threading.Event()
    dropping = threading.Thread(target=_again_and_again, args=(server.drop_connections, over))
    dropping.start()
    try:
        probe, losses = follow_through(endpoint, key, record)
    finally:
        over.set()
        dropping.join()
    assert losses >= 3
    assert (probe.state, probe.status) == (ProbeState.ENDED, 9)
    assert record.digests() == digests_on_host(endpoint, key)
    assert len(record.streams["stdout"]) == 60 * 9003


def _again_and_again(drop: Callable[[], None], over: threading.Event) -> None:
    while not over.wait(0.4):
        drop()


@pytest.mark.openssh
def test_killed_sshd_sessions_lose_no_byte(tmp_path: Path, key: str) -> None:
    record = Record()
    with openssh_server(tmp_path / "sshd") as running:
        endpoint = running.endpoint()
        with connect(endpoint) as connection:
            connection.launch(key, sh(BUSY))
        over = threading.Event()
        killing = threading.Thread(target=_again_and_again, args=(running.kill_sessions, over))
        killing.start()
        try:
            probe, losses = follow_through(endpoint, key, record)
        finally:
            over.set()
            killing.join()
        assert losses >= 2
        assert (probe.state, probe.status) == (ProbeState.ENDED, 9)
        assert record.digests() == digests_on_host(endpoint, key)


@pytest.fixture
def freezing(tmp_path: Path) -> Iterator[tuple[OpenSsh, Record]]:
    """A server that freezes for 5 s once the first byte was heard."""
    record = Record()
    with openssh_server(tmp_path / "sshd") as running:
        freezer = threading.Thread(target=lambda: record.heard.wait(60) and running.freeze(5))
        freezer.start()
        yield running, record
        freezer.join()


@pytest.mark.openssh
def test_a_frozen_host_is_silence(freezing: tuple[OpenSsh, Record], key: str) -> None:
    running, record = freezing
    asked: list[float] = []

    def stop() -> bool:
        asked.append(time.monotonic())
        return False

    with connect(running.endpoint()) as connection:
        connection.launch(key, sh("echo before; sleep 2; echo after"))
        probe = connection.follow(key, record.offsets, record, stop=stop)
    assert (probe.state, probe.status) == (ProbeState.ENDED, 0)
    assert bytes(record.streams["stdout"]) == b"before\nafter\n"
    gaps = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert 0.9 < max(gaps) < 3


@pytest.mark.openssh
def test_silence_beyond_the_limit_is_contact_lost(freezing: tuple[OpenSsh, Record], key: str) -> None:
    running, record = freezing
    with connect(running.endpoint()) as connection:
        connection.launch(key, sh("echo before; sleep 30"))
        with pytest.raises(ContactLost, match="no answer for"):
            connection.follow(key, record.offsets, record, stop=NEVER, silence_s=2)


@pytest.mark.openssh
def test_stop_is_heard_while_the_host_is_frozen(freezing: tuple[OpenSsh, Record], key: str) -> None:
    running, record = freezing
    stop_at: list[float] = []

    def stop() -> bool:
        if record.heard.is_set() and not stop_at:
            stop_at.append(time.monotonic() + 1.5)
        return bool(stop_at) and time.monotonic() > stop_at[0]

    with connect(running.endpoint()) as connection:
        connection.launch(key, sh("echo before; sleep 30"))
        probe = connection.follow(key, record.offsets, record, stop=stop)
        assert probe.state is ProbeState.RUNNING
        assert time.monotonic() - stop_at[0] < 2.5


def test_a_line_that_breaks_while_reading_begins_is_lost_contact(
    server: Server, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(server.endpoint()) as connection:
        connection.launch(key, sh("echo out"))

        def broken(*_request: object) -> None:
            connection.transport.sock.close()
            connection.transport.join(5)
            raise EOFError

        monkeypatch.setattr(readers, "request", broken)
        monkeypatch.setattr(paramiko.Channel, "close", broken)
        with pytest.raises(ContactLost):
            connection.follow(key, {}, Record(), stop=NEVER)
