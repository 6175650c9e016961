"""Prompts and small files."""

import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.command import Command
from inventory.transport import Connection, Stream, connect
from inventory.transport.errors import DeadlineExceeded, RemoteFailure
from portal.lib.errors import Invalid
from tests.ssh_server import in_process_server, openssh_server

SECRET = "s3cr et'$wörd"
ASK = """
stty -echo; printf 'Enter HMC password: '; read -r first; stty echo; echo
printf 'Retype password: '; read -r second; echo
[ "$first" = "$second" ] || exit 9
echo "accepted $(printf %s "$first" | wc -c | tr -d ' ') bytes"
exit 4
"""


@pytest.fixture(scope="module", params=["in-process", pytest.param("openssh", marks=pytest.mark.openssh)])
def connection(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    directory = tmp_path_factory.mktemp("host")
    if request.param == "openssh":
        with openssh_server(directory) as sshd, connect(sshd.endpoint()) as open_connection:
            yield open_connection
    else:
        with in_process_server(directory) as server, connect(server.endpoint()) as open_connection:
            yield open_connection


def sh(script: str, *words: str) -> Command:
    return Command(("sh", "-c", script, "sh", *words))


@pytest.mark.threat("T8")
def test_answers_each_prompt_in_order(connection: Connection) -> None:
    heard: list[tuple[Stream, int, bytes]] = []
    result = connection.answer(
        sh(ASK),
        [(r"HMC password: ?$", SECRET), (r"Retype password", SECRET)],
        deadline_s=20,
        on_output=lambda *piece: heard.append(piece),
    )
    assert result.status == 4
    # The program turned the echo on for the second answer; what it echoes is cut.
    expected = f"Enter HMC password: \nRetype password: [redacted]\n\naccepted {len(SECRET.encode())} bytes\n"
    assert result.stdout.decode() == expected
    assert b"".join(data for _, _, data in heard) == result.stdout
    assert [offset for _, offset, _ in heard] == [
        sum(len(data) for _, _, data in heard[:index]) for index in range(len(heard))
    ]


@pytest.mark.threat("T8", "T9")
def test_a_program_that_shows_the_secret_is_redacted(connection: Connection) -> None:
    ask = 'printf \'Password: \'; read -r it; echo; echo "got $it."; printf %s "$it" | od -An -c | wc -l'
    heard: list[bytes] = []
    result = connection.answer(
        sh(ask), [("Password", SECRET)], deadline_s=20, on_output=lambda _s, _o, data: heard.append(data)
    )
    assert b"got [redacted].\n" in result.stdout
    assert SECRET.encode() not in result.stdout + b"".join(heard)


@pytest.mark.threat("T8")
def test_nothing_is_typed_before_its_prompt(connection: Connection, tmp_path: Path) -> None:
    got = tmp_path / "got"
    ask = (
        'echo "about a Password: here"; (read -r it; printf %s "$it" > "$1") & sleep 1; kill $!; wait; exit 0'
    )
    result = connection.answer(sh(ask, str(got)), [("Password: $", SECRET)], deadline_s=20)
    assert result.status == 0
    assert not got.exists() or got.read_text() == ""


@pytest.mark.threat("T8")
def test_prompts_in_the_wrong_order_get_no_secret(connection: Connection, tmp_path: Path) -> None:
    got = tmp_path / "got"
    ask = 'printf "New password: "; read -r it; printf %s "$it" > "$1"'
    with pytest.raises(DeadlineExceeded, match="prompt 'Old password' did not come") as caught:
        connection.answer(
            sh(ask, str(got)), [("Old password", "old-secret"), ("New password", "new-secret")], deadline_s=1
        )
    assert caught.value.stdout == b"New password: "
    time.sleep(0.2)
    assert not got.exists() or got.read_text() == ""


def test_a_command_that_fails_before_it_asks_just_ends(connection: Connection) -> None:
    result = connection.answer(sh("echo no such HMC >&2; exit 2"), [("Password", SECRET)], deadline_s=20)
    assert (result.status, result.stdout, result.stderr) == (2, b"no such HMC\n", b"")


def test_writes_a_file_whole_with_its_mode(connection: Connection, tmp_path: Path) -> None:
    path = tmp_path / "a 'file' $x"
    content = bytes(range(256)) * 1000
    connection.write_file(str(path), content, "0640")
    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    connection.write_file(str(path), b"", "0600")
    assert path.read_bytes() == b""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    connection.write_file(str(path), content, "600")
    assert connection.read_file(str(path)) == content


def test_a_file_that_cannot_be_written_or_read_says_why(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(RemoteFailure, match="is a directory"):
        connection.write_file(str(tmp_path), b"x", "0600")
    with pytest.raises(RemoteFailure, match="could not write"):
        connection.write_file(f"{tmp_path}/no/such/place", b"x", "0600")
    with pytest.raises(RemoteFailure, match="No such file"):
        connection.read_file(f"{tmp_path}/nothing")


def test_paths_and_modes_are_checked_before_anything_is_sent(connection: Connection) -> None:
    for path in ("relative", "-rf", "", "/tmp/"):
        with pytest.raises(Invalid):
            connection.write_file(path, b"", "0600")
    with pytest.raises(Invalid):
        connection.write_file("/tmp/x", b"", "u+x")
