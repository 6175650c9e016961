"""Commands that run once, ever: launching, looking, stopping, under the shells that hosts have."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.command import Command
from inventory.transport import Connection, Launched, Probe, ProbeState, connect, launcher
from inventory.transport.errors import RemoteFailure
from portal.lib.errors import Invalid
from tests.ssh_server import Server, in_process_server

ENDED = (ProbeState.ENDED, ProbeState.VANISHED)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with in_process_server(tmp_path_factory.mktemp("host")) as running:
        yield running


@pytest.fixture(scope="module", params=["setsid", "no setsid"])
def connection(server: Server, request: pytest.FixtureRequest) -> Iterator[Connection]:
    usual = server.path
    if request.param == "no setsid":
        server.path = server.path_without("setsid")
    with connect(server.endpoint()) as open_connection:
        yield open_connection
    server.path = usual


SHELLS = [
    "sh",
    "bash",
    pytest.param("mksh", marks=pytest.mark.openssh),
    pytest.param("ksh93", marks=pytest.mark.openssh),
]


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, connection: Connection, server: Server) -> str:
    if request.param == "sh" and "without-setsid" in server.path:
        return "bash"  # dash has no job control without a terminal; no host without setsid has dash
    assert shutil.which(request.param), f"{request.param} is not installed"
    return str(request.param)


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    return f"k{abs(hash(request.node.nodeid)):x}.{os.getpid()}"


def sh(script: str, *words: str) -> Command:
    return Command(("sh", "-c", script, "sh", *words))


def wait_for(connection: Connection, key: str, *states: ProbeState, within_s: float = 15) -> Probe:
    give_up = time.monotonic() + within_s
    while True:
        probe = connection.probe(key)
        if probe.state in states:
            return probe
        assert time.monotonic() < give_up, probe
        time.sleep(0.05)


def files(server: Server, key: str) -> Path:
    return server.directory / "launcher" / key


def test_runs_to_its_end_with_both_streams_and_the_status(
    connection: Connection, server: Server, shell: str, key: str
) -> None:
    assert connection.probe(key) == Probe(ProbeState.ABSENT)
    command = sh("echo out; echo err >&2; exit 3")
    assert launcher.launch(connection, key, command, shell=shell) is Launched.STARTED
    ended = wait_for(connection, key, *ENDED)
    assert (ended.state, ended.status) == (ProbeState.ENDED, 3)
    assert (files(server, key) / "stdout").read_text() == "out\n"
    assert (files(server, key) / "stderr").read_text() == "err\n"
    assert (files(server, key) / "command").read_text() == command.wire() + "\n"


def test_a_second_launch_attaches(connection: Connection, server: Server, shell: str, key: str) -> None:
    mark = server.directory / f"mark-{key}"
    command = sh('echo ran >> "$1"', str(mark))
    assert launcher.launch(connection, key, command, shell=shell) is Launched.STARTED
    wait_for(connection, key, *ENDED)
    assert launcher.launch(connection, key, command, shell=shell) is Launched.ALREADY_THERE
    time.sleep(0.2)
    assert mark.read_text() == "ran\n"


def test_the_process_group_is_its_own_and_input_is_closed(
    connection: Connection, server: Server, shell: str, key: str
) -> None:
    launcher.launch(connection, key, sh("cat; ps -o pgid= -p $$; umask"), shell=shell)
    ended = wait_for(connection, key, *ENDED)
    group, mask = (files(server, key) / "stdout").read_text().split()
    assert int(group) == ended.pid
    assert int(mask, 8) == int(connection.run(sh("umask"), deadline_s=10).stdout, 8)


def test_a_signal_of_the_command_is_a_status_as_its_shell_reports_it(
    connection: Connection, shell: str, key: str
) -> None:
    launcher.launch(connection, key, sh("kill -9 $$"), shell=shell)
    ended = wait_for(connection, key, *ENDED)
    assert ended.state is ProbeState.ENDED
    assert ended.status in ((265,) if shell == "ksh93" else (137,))


def test_stop_ends_the_whole_group_and_keeps_the_status(
    connection: Connection, server: Server, shell: str, key: str
) -> None:
    launcher.launch(connection, key, sh("echo begun; sleep 300 & sleep 300; wait"), shell=shell)
    wait_for(connection, key, ProbeState.RUNNING)
    while (files(server, key) / "stdout").read_text() != "begun\n":
        time.sleep(0.02)
    group = connection.probe(key).pid
    stopped = launcher.stop(connection, key, shell=shell)
    assert stopped.state is ProbeState.ENDED
    assert stopped.status in ((271,) if shell == "ksh93" else (143,))
    assert not living(group)


def test_stop_kills_what_ignores_term(connection: Connection, server: Server, shell: str, key: str) -> None:
    launcher.launch(connection, key, sh("trap '' TERM; echo begun; while :; do sleep 1; done"), shell=shell)
    while not (files(server, key) / "stdout").exists() or not (files(server, key) / "stdout").read_text():
        time.sleep(0.02)
    group = connection.probe(key).pid
    stopped = launcher.stop(connection, key, grace_s=1, shell=shell)
    assert stopped.state is ProbeState.VANISHED
    assert not living(group)


def living(group: int | None) -> list[str]:
    shown = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], check=True, capture_output=True, text=True)
    rows = (line.split(None, 2) for line in shown.stdout.splitlines())
    return [args[0] for pgid, state, *args in rows if int(pgid) == group and not state.startswith("Z")]


def test_stop_of_an_ended_command_sends_nothing(connection: Connection, key: str) -> None:
    connection.launch(key, Command(("true",)))
    wait_for(connection, key, ProbeState.ENDED)
    assert connection.stop(key).status == 0


def test_stop_of_an_absent_command_says_so(connection: Connection, key: str) -> None:
    assert connection.stop(key) == Probe(ProbeState.ABSENT)


def test_a_claim_without_a_start_is_starting_and_can_be_kept_from_beginning(
    connection: Connection, server: Server, key: str
) -> None:
    files(server, key).mkdir(parents=True)
    assert connection.probe(key) == Probe(ProbeState.STARTING)
    assert connection.launch(key, Command(("true",))) is Launched.ALREADY_THERE
    assert connection.stop(key) == Probe(ProbeState.VANISHED)
    assert (files(server, key) / "begun").is_dir()


def test_a_killed_watcher_is_vanished_not_ended(connection: Connection, shell: str, key: str) -> None:
    launcher.launch(connection, key, sh("sleep 300"), shell=shell)
    running = wait_for(connection, key, ProbeState.RUNNING)
    assert running.pid
    os.killpg(running.pid, 9)
    assert wait_for(connection, key, *ENDED) == Probe(ProbeState.VANISHED, running.pid)


def test_a_number_that_another_process_has_now_is_vanished(
    connection: Connection, server: Server, key: str
) -> None:
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        files(server, key).mkdir(parents=True)
        (files(server, key) / "begun").mkdir()
        (files(server, key) / "pid").write_text(f"{stranger.pid}\n")
        assert connection.probe(key) == Probe(ProbeState.VANISHED, stranger.pid)
        assert connection.stop(key) == Probe(ProbeState.VANISHED, stranger.pid)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_text_cut_short_never_runs(connection: Connection, server: Server, key: str) -> None:
    mark = server.directory / f"mark-{key}"
    words = launcher.launch_words(server.endpoint(), key, length=1000, shell="sh")
    result = connection.run(Command(words), deadline_s=10, stdin=f"touch {mark}\n".encode())
    assert result.status == 75
    assert connection.probe(key) == Probe(ProbeState.ABSENT)
    assert not mark.exists()
    assert not [left for left in (server.directory / "launcher").iterdir() if left.name.startswith(".")]


def test_six_connections_launch_once(server: Server, shell: str, key: str) -> None:
    mark = server.directory / f"mark-{key}"
    command = sh('echo ran >> "$1"; sleep 0.5', str(mark))
    barrier = threading.Barrier(6)
    found: list[Launched] = []

    def one() -> None:
        with connect(server.endpoint()) as own:
            barrier.wait()
            found.append(launcher.launch(own, key, command, shell=shell))

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [Launched.ALREADY_THERE] * 5 + [Launched.STARTED]
    with connect(server.endpoint()) as own:
        wait_for(own, key, ProbeState.ENDED)
    assert mark.read_text() == "ran\n"


def test_outlives_the_connection_that_started_it(server: Server, shell: str, key: str) -> None:
    with connect(server.endpoint()) as first:
        launcher.launch(first, key, sh("sleep 1; echo survived"), shell=shell)
        server.drop_connections()
    with connect(server.endpoint()) as second:
        assert wait_for(second, key, *ENDED).status == 0
    assert (files(server, key) / "stdout").read_text() == "survived\n"


def test_a_directory_that_cannot_be_made_is_a_clear_failure(server: Server, key: str) -> None:
    (server.directory / "file").write_text("")
    with connect(server.endpoint(launcher_dir=str(server.directory / "file" / "x"))) as own:
        with pytest.raises(RemoteFailure, match="could not launch") as caught:
            own.launch(key, Command(("true",)))
        assert caught.value.status == 73


@pytest.mark.parametrize("name", ["", "..", "a/b", "a b", "-x", "a\n", "é", "x" * 81])
def test_a_key_that_cannot_name_a_directory_is_refused(server: Server, name: str) -> None:
    with pytest.raises(Invalid):
        launcher.directory(server.endpoint(), name)
