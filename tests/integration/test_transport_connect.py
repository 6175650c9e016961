"""Setting up sessions: host keys, credentials, silent and busy hosts."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from inventory.command import Command
from inventory.transport import Endpoint, connect, handshake
from inventory.transport.errors import (
    AuthenticationRefused,
    ContactLost,
    HostKeyChanged,
    HostKeyUnknown,
    SecretMissing,
    Unreachable,
)
from portal.lib.errors import Invalid
from tests.ssh_server import PASSWORD, OpenSsh, Server, in_process_server, openssh_server

OTHER_KEY = "SHA256:" + "A" * 43


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture(scope="module")
def openssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with openssh_server(tmp_path_factory.mktemp("sshd")) as running:
        yield running


def works(endpoint: Endpoint) -> bool:
    with connect(endpoint) as connection:
        return connection.run(Command(("echo", "hello")), deadline_s=10).stdout == b"hello\n"


@pytest.mark.threat("T4")
@pytest.mark.asvs("12.3.2")
def test_an_unknown_key_is_reported_before_the_host_sees_an_account(server: Server) -> None:
    with pytest.raises(HostKeyUnknown) as caught:
        connect(server.endpoint(host_key="", credential="env:NOT_EVEN_LOOKED_AT"))
    assert caught.value.fingerprint == server.host_keys[0].get_fingerprint()
    assert caught.value.key_type == "ssh-ed25519"
    assert server.sign_ins == []


@pytest.mark.threat("T4")
@pytest.mark.asvs("12.3.2")
def test_a_changed_key_is_refused_before_the_host_sees_an_account(server: Server) -> None:
    with pytest.raises(HostKeyChanged) as caught:
        connect(server.endpoint(host_key=OTHER_KEY))
    assert caught.value.pinned == OTHER_KEY
    assert caught.value.fingerprint == server.host_keys[0].get_fingerprint()
    assert server.sign_ins == []


@pytest.mark.parametrize("which", [0, 1])
def test_any_key_of_the_host_may_be_the_pinned_one(server: Server, which: int) -> None:
    pinned = server.host_keys[which].get_fingerprint()
    assert works(server.endpoint(host_key=pinned))
    assert works(server.endpoint(host_key=pinned))


@pytest.mark.openssh
@pytest.mark.parametrize("name", ["host_ed25519", "host_rsa", "host_ecdsa"])
def test_any_key_of_openssh_may_be_the_pinned_one(openssh: OpenSsh, name: str) -> None:
    assert works(openssh.endpoint(host_key=openssh.fingerprint(name)))


@pytest.mark.threat("T4")
@pytest.mark.asvs("12.3.2")
@pytest.mark.openssh
def test_a_changed_key_of_openssh_is_refused(openssh: OpenSsh) -> None:
    with pytest.raises(HostKeyChanged):
        connect(openssh.endpoint(host_key=OTHER_KEY))


def test_the_session_is_set_up_for_small_packets(server: Server) -> None:
    with connect(server.endpoint()) as connection:
        assert connection.transport.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert connection.transport.remote_cipher == "aes128-gcm@openssh.com"


def test_a_line_that_breaks_under_a_request_is_lost_contact(server: Server) -> None:
    with connect(server.endpoint()) as connection:
        connection.transport.sock.shutdown(socket.SHUT_WR)
        with pytest.raises(ContactLost):
            connection.run(Command(("echo", "hello")), deadline_s=10)


def test_signs_in_with_a_password_from_the_environment(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAY01_SECRET", PASSWORD)
    assert works(server.endpoint(credential="env:PAY01_SECRET"))


def test_signs_in_with_a_password_from_a_file(server: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\n")
    secret.chmod(0o600)
    assert works(server.endpoint(credential=f"file:{secret}"))


def test_signs_in_with_a_key_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAY01_KEY", server.client_key.read_text())
    assert works(server.endpoint(credential="env:PAY01_KEY"))


@pytest.mark.parametrize("kind", ["ssh-rsa", "ecdsa-sha2-nistp256", "ssh-ed25519"])
@pytest.mark.parametrize("file_format", ["openssh", "pkcs8-pem"])
def test_signs_in_with_keys_of_every_kind(
    server: Server, tmp_path: Path, kind: str, file_format: str
) -> None:
    key = asyncssh.generate_private_key(kind)
    path = tmp_path / "key"
    key.write_private_key(path, format_name=file_format)
    path.chmod(0o600)
    key.write_public_key(f"{server.client_key}.pub")
    assert works(server.endpoint(credential=f"file:{path}"))


def test_a_refused_key_is_named_and_the_account_too(server: Server) -> None:
    with pytest.raises(AuthenticationRefused) as caught:
        connect(server.endpoint(account="padmin"))
    message = caught.value.message
    assert "ssh-ed25519 SHA256:" in message
    assert "account padmin" in message
    assert caught.value.remedy


@pytest.mark.threat("T9")
def test_a_refused_password_is_not_shown(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAY01_SECRET", "wrong-password")
    with pytest.raises(AuthenticationRefused) as caught:
        connect(server.endpoint(credential="env:PAY01_SECRET"))
    assert "wrong-password" not in str(caught.value)
    assert "env:PAY01_SECRET" in caught.value.message


@pytest.mark.openssh
def test_openssh_says_what_it_accepts(openssh: OpenSsh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAY01_SECRET", "any")
    with pytest.raises(AuthenticationRefused, match="accepts only: publickey"):
        connect(openssh.endpoint(credential="env:PAY01_SECRET"))


def test_a_missing_secret_is_named(server: Server, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(locked, passphrase="x")
    locked.chmod(0o600)
    broken = tmp_path / "broken"
    broken.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nrubbish\n")
    broken.chmod(0o600)
    everybody = tmp_path / "everybody"
    everybody.write_text("secret\n")
    everybody.chmod(0o604)
    for reference, said in {
        "env:NOT_SET": "not set",
        "file:/nowhere/key": "cannot be read",
        "file:relative": "absolute",
        "vault:x": "no known kind",
        f"file:{locked}": "passphrase",
        f"file:{broken}": "damaged",
        f"file:{everybody}": "open to everybody",
    }.items():
        with pytest.raises(SecretMissing, match=said):
            connect(server.endpoint(credential=reference))


def test_nobody_listens(server: Server) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="Connection refused"):
            connect(server.endpoint(port=unused.getsockname()[1]))


def test_a_host_that_accepts_and_says_nothing_is_given_up_in_time(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(Unreachable, match="banner"):
            connect(server.endpoint(port=silent.getsockname()[1]), timeout_s=1)
        assert time.monotonic() - started < 4


def test_connections_dropped_before_the_banner_are_tried_again(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        thread = threading.Thread(target=_drop_then_pass, args=(busy, server.port, 2))
        thread.start()
        assert works(server.endpoint(port=busy.getsockname()[1]))
        thread.join()


def test_a_host_that_always_drops_is_unreachable(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        thread = threading.Thread(target=_drop_then_pass, args=(busy, server.port, 4))
        thread.start()
        with pytest.raises(Unreachable, match="4 times before its SSH banner"):
            connect(server.endpoint(port=busy.getsockname()[1]))
        socket.create_connection(busy.getsockname()).close()
        thread.join()


def _drop_then_pass(listener: socket.socket, port: int, drops: int) -> None:
    for _ in range(drops):
        listener.accept()[0].close()
    with listener.accept()[0] as near, socket.create_connection(("127.0.0.1", port)) as far:
        back = threading.Thread(target=_pass, args=(far, near))
        back.start()
        _pass(near, far)
        back.join()


def _pass(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_at_most_24_handshakes_at_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()
    exchange = handshake._keys_exchanged

    def counted(*args: object, **kwargs: object) -> object:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.1)
        try:
            return exchange(*args, **kwargs)  # type: ignore[arg-type]
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(handshake, "_keys_exchanged", counted)
    done: list[bool] = []
    threads = [
        threading.Thread(target=lambda: done.append(works_slowly(server.endpoint()))) for _ in range(60)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 60
    assert most <= handshake.MOST_HANDSHAKES


def works_slowly(endpoint: Endpoint) -> bool:
    with connect(endpoint, timeout_s=60) as connection:
        return connection.run(Command(("true",)), deadline_s=60).status == 0


def test_closing_does_not_wait_for_the_idle_poll(server: Server) -> None:
    connection = connect(server.endpoint())
    time.sleep(0.3)
    started = time.monotonic()
    connection.close()
    assert time.monotonic() - started < 1
    connection.transport.join(2)
    assert not connection.transport.is_alive()


@pytest.mark.parametrize(
    "changes",
    [
        {"address": ""},
        {"port": 0},
        {"port": 70000},
        {"account": "a b"},
        {"account": "-oProxyCommand=x"},
        {"host_key": "MD5:aa:bb"},
        {"host_key": "SHA256:short"},
        {"launcher_dir": "relative"},
    ],
)
def test_an_endpoint_that_cannot_be_one_is_refused(server: Server, changes: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        server.endpoint(**changes)
