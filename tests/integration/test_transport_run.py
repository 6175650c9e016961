"""Running commands over SSH: streams, statuses, deadlines."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.command import Command
from inventory.transport import Connection, Endpoint, connect
from inventory.transport.errors import ContactLost, DeadlineExceeded, OutputTooLong
from tests.ssh_server import Server, in_process_server, openssh_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with in_process_server(tmp_path_factory.mktemp("host")) as running:
        yield running


@pytest.fixture(scope="module")
def openssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with openssh_server(tmp_path_factory.mktemp("sshd")) as running:
        yield running.endpoint()


@pytest.fixture(scope="module", params=["in-process", pytest.param("openssh", marks=pytest.mark.openssh)])
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    if request.param == "openssh":
        endpoint = request.getfixturevalue("openssh")
    else:
        endpoint = request.getfixturevalue("server").endpoint()
    with connect(endpoint) as open_connection:
        yield open_connection


def sh(script: str, *words: str) -> Command:
    return Command(("sh", "-c", script, "sh", *words))


def test_keeps_the_streams_apart_and_the_status(connection: Connection) -> None:
    result = connection.run(sh("echo out; echo err >&2; exit 7"), deadline_s=10)
    assert (result.status, result.stdout, result.stderr) == (7, b"out\n", b"err\n")


def test_sends_the_c_locale(connection: Connection) -> None:
    assert connection.run(sh("echo $LC_ALL"), deadline_s=10).stdout == b"C\n"


def test_feeds_standard_input_whole_and_closes_it(connection: Connection) -> None:
    data = bytes(range(256)) * 8192
    assert connection.run(Command(("cat",)), deadline_s=30, stdin=data).stdout == data


def test_closes_standard_input_when_there_is_none(connection: Connection) -> None:
    assert connection.run(sh("cat; echo end"), deadline_s=10).stdout == b"end\n"


def test_survives_a_command_that_ignores_its_input(connection: Connection) -> None:
    result = connection.run(sh("exec 0<&-; echo done"), deadline_s=30, stdin=b"x" * 4_000_000)
    assert (result.status, result.stdout) == (0, b"done\n")


def test_eight_megabytes_on_stderr_before_stdout_do_not_block(connection: Connection) -> None:
    script = "dd if=/dev/zero bs=65536 count=128 >&2 2>/dev/null; echo after"
    result = connection.run(sh(script), deadline_s=60)
    assert (result.status, result.stdout, len(result.stderr)) == (0, b"after\n", 8 * 1024 * 1024)


def test_pieces_come_with_their_offsets_while_the_command_runs(connection: Connection) -> None:
    heard: list[tuple[str, int, bytes, float]] = []
    started = time.monotonic()
    result = connection.run(
        sh("echo one; sleep 1; echo two; echo err >&2"),
        deadline_s=10,
        on_output=lambda stream, offset, data: heard.append((stream, offset, data, time.monotonic())),
    )
    assert heard[0][:3] == ("stdout", 0, b"one\n")
    assert heard[0][3] - started < 0.9
    for stream, whole in (("stdout", result.stdout), ("stderr", result.stderr)):
        rebuilt = b""
        for name, offset, data, _ in heard:
            if name == stream:
                assert offset == len(rebuilt)
                rebuilt += data
        assert rebuilt == whole


def test_death_of_the_login_shell_by_signal_is_unknown(connection: Connection) -> None:
    kill = 'echo before; case "$(cat /proc/$PPID/comm)" in *sh) kill -9 $PPID ;; esac; kill -9 $$'
    result = connection.run(sh(kill), deadline_s=10)
    assert result.status is None
    assert result.stdout == b"before\n"


def test_a_chatty_command_does_not_outrun_its_deadline(connection: Connection) -> None:
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded) as caught:
        connection.run(sh("while :; do echo tick; sleep 0.1; done"), deadline_s=1)
    assert time.monotonic() - started < 3
    assert caught.value.stdout.startswith(b"tick\ntick\n")


def test_a_deadline_leaves_the_command_alive(connection: Connection, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with pytest.raises(DeadlineExceeded, match="may still run"):
        connection.run(sh('sleep 1.5; echo alive > "$1"', str(mark)), deadline_s=0.3)
    assert connection.run(Command(("true",)), deadline_s=10).status == 0
    for _ in range(50):
        if mark.exists():
            break
        time.sleep(0.1)
    assert mark.read_text() == "alive\n"


def test_output_beyond_the_cap_is_refused_with_what_came(connection: Connection) -> None:
    with pytest.raises(OutputTooLong) as caught:
        connection.run(sh("yes"), deadline_s=30, most_bytes=100_000)
    assert caught.value.stdout.startswith(b"y\ny\n")


@pytest.mark.openssh
def test_a_background_process_that_keeps_the_streams_does_not_hold_the_result(openssh: Endpoint) -> None:
    started = time.monotonic()
    with connect(openssh) as connection:
        result = connection.run(sh("sleep 30 & echo started"), deadline_s=20)
    assert (result.status, result.stdout) == (0, b"started\n")
    assert time.monotonic() - started < 8


def test_missing_program_has_the_shells_status(connection: Connection) -> None:
    result = connection.run(Command(("no-such-program",)), deadline_s=10)
    assert result.status == 127
    assert b"no-such-program" in result.stderr


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(
        st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" \t\n")), max_size=5
    )
)
def test_hostile_words_arrive_as_they_were_sent(connection: Connection, words: list[str]) -> None:
    result = connection.run(sh('for w; do printf "%s\\0" "$w"; done', *words), deadline_s=10)
    assert result.stdout == "".join(f"{word}\0" for word in words).encode()


def test_a_broken_connection_is_contact_lost_with_what_came(server: Server) -> None:
    with connect(server.endpoint()) as connection:
        heard: list[bytes] = []

        def listen(stream: str, offset: int, data: bytes) -> None:
            heard.append(data)
            server.drop_connections()

        with pytest.raises(ContactLost) as caught:
            connection.run(sh("echo before; sleep 20"), deadline_s=15, on_output=listen)
        assert caught.value.stdout == b"before\n"
        assert not connection.alive
        with pytest.raises(ContactLost):
            connection.run(Command(("true",)), deadline_s=5)
