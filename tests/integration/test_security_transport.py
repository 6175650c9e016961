"""Where the portal connects to, and by which algorithms: what no address and no host can talk it into."""

import ast
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inventory.transport import Endpoint, connect
from inventory.transport.algorithms import CHECKSUMS, CIPHERS, KEY_EXCHANGES, WEAK, WEAK_CIPHERS
from inventory.transport.errors import AddressRefused, AlgorithmsRefused
from inventory.transport.networks import permitted
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.states import RunState
from tests.integration.engine_world import make_world, sh
from tests.ssh_server import in_process_server

ROOT = Path(__file__).parents[2]
ELSEWHERE = ("10.0.0.0/8", "fd12::/16")
OWN_MACHINE = [
    "127.0.0.1", "localhost", "::1", "::ffff:127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1",
    "0.0.0.0", "::",
]  # fmt: skip


@pytest.fixture
def listener() -> Iterator[tuple[int, list[Any]]]:
    """A port of this machine, by IPv4 and IPv6, and whoever connected to it."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        caught: list[Any] = []

        def accept() -> None:
            while True:
                try:
                    caught.append(server.accept())
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], caught
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.threat("T14")
@pytest.mark.asvs("1.3.6", "13.2.4")
@pytest.mark.parametrize("networks", [(), ELSEWHERE], ids=["none configured", "others configured"])
@pytest.mark.parametrize("address", OWN_MACHINE)
def test_the_own_machine_is_not_reached_however_it_is_written(
    listener: tuple[int, list[Any]], address: str, networks: tuple[str, ...]
) -> None:
    port, caught = listener
    endpoint = Endpoint("evil", address, port, "root", "SHA256:" + "A" * 43, "env:X", networks=networks)
    with pytest.raises(AddressRefused, match="outside the networks"):
        connect(endpoint, 1)
    assert caught == []


@pytest.mark.threat("T14")
@pytest.mark.asvs("1.3.6", "13.2.4")
@pytest.mark.parametrize(
    ("address", "networks", "allowed"),
    [
        ("10.1.2.3", (), True),
        ("192.0.2.7", (), True),
        ("2001:db8::1", (), True),
        ("169.254.169.254", (), False),
        ("fe80::1%eth0", (), False),
        ("fd00:ec2::254", (), False),
        ("::ffff:169.254.169.254", (), False),
        ("224.0.0.1", (), False),
        ("255.255.255.255", (), False),
        ("10.1.2.3", ELSEWHERE, True),
        ("::ffff:10.1.2.3", ELSEWHERE, True),
        ("fd12::1", ELSEWHERE, True),
        ("11.1.2.3", ELSEWHERE, False),
        ("fd13::1", ELSEWHERE, False),
        ("169.254.169.254", ELSEWHERE, False),
        ("127.0.0.1", ("127.0.0.0/8",), True),
    ],
)
def test_which_addresses_are_permitted(address: str, networks: tuple[str, ...], allowed: bool) -> None:
    assert permitted(address, networks) is allowed


@pytest.mark.threat("T14")
@pytest.mark.asvs("1.3.6")
def test_a_name_that_resolves_otherwise_a_moment_later_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
    asked: list[str] = []

    def resolve(name: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers[len(asked) - 1], port))]

    with in_process_server(tmp_path / "host") as server:
        endpoint = server.endpoint(address="rebinding.example", networks=("127.0.0.1/32",))
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        with connect(endpoint, 5) as connection:
            peer = connection.transport.getpeername()[0]
    assert (peer, asked) == ("127.0.0.1", ["rebinding.example"])


@pytest.mark.threat("T14")
def test_one_address_outside_refuses_the_whole_name(
    listener: tuple[int, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, caught = listener

    def resolve(_name: str, port: int, *_: Any, **__: Any) -> list[Any]:
        both = ("127.0.0.1", "169.254.169.254")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in both]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    endpoint = Endpoint("evil", "two.example", port, "root", "", "env:X", networks=("127.0.0.0/8",))
    with pytest.raises(AddressRefused, match=r"two\.example \(169\.254\.169\.254\)"):
        connect(endpoint, 1)
    assert caught == []


@pytest.mark.threat("T14")
@pytest.mark.django_db(transaction=True)
def test_a_plan_does_not_get_outside_the_networks(tmp_path: Path, settings: Any) -> None:
    with in_process_server(tmp_path / "host") as server:
        world = make_world(server.endpoint(), server.endpoint(name="hmc01"))
        run = start_run(world.approved(world.plan([sh("one", "touch did")])).pk)
        settings.PORTAL_NETWORKS = ["10.0.0.0/8"]
        execute(run.pk, "w1")
        run.refresh_from_db()
        assert (run.state, server.sign_ins) == (RunState.NEEDS_PERSON, [])
        assert "outside the networks" in run.reason


CLIENTS = {
    "urllib.request", "http.client", "httpx", "requests", "aiohttp", "ftplib", "telnetlib", "imaplib",
    "poplib", "smtplib", "xmlrpc.client", "urllib3", "paramiko", "asyncssh", "socket",
}  # fmt: skip
CONNECT = {
    "inventory/transport/channels.py": {"paramiko"},
    "inventory/transport/credentials.py": {"paramiko"},
    "inventory/transport/exchange.py": {"paramiko"},
    "inventory/transport/connection.py": {"paramiko"},
    "inventory/transport/handshake.py": {"paramiko", "socket"},
    "inventory/transport/host_keys.py": {"paramiko"},
    "inventory/transport/networks.py": {"socket"},
    "inventory/transport/readers.py": {"paramiko"},
    "liveupdate/engine/worker.py": {"socket"},
    "portal/audit/anchors/syslog.py": {"socket"},
    "portal/audit/anchors/timestamp.py": {"httpx"},
    "portal/audit/anchors/witness.py": {"httpx"},
    "portal/audit/provenance.py": {"socket"},
    "portal/demo/story.py": {"httpx"},
    "portal/demo/visitor.py": {"httpx"},
    "portal/runner/processes.py": {"socket"},
}
"""Who may import what opens connections: the transport, the demo's visitor, who looks for a free port, and
who asks how the machine is called."""


def modules_of(path: Path) -> set[str]:
    """Every module that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
    return found


@pytest.mark.threat("T14")
@pytest.mark.asvs("1.3.6", "13.2.5")
def test_nothing_else_opens_connections() -> None:
    """The lab is a program of its own, and not part of a production portal."""
    surplus = {}
    for room in ("portal", "inventory", "liveupdate"):
        for path in (ROOT / room).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            modules = modules_of(path)
            used = {client for client in CLIENTS if any(is_in(module, client) for module in modules)}
            if used - CONNECT.get(name, set()) and not name.startswith("inventory/lab/"):
                surplus[name] = used
    assert surplus == {}


def is_in(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


BELOW = [
    *(("kex_algs", name) for name in (
        "diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1",
    )),
    *(("encryption_algs", name) for name in ("3des-cbc", "arcfour256", "blowfish-cbc", *WEAK_CIPHERS)),
    *(("mac_algs", name) for name in ("hmac-md5", "hmac-sha1", "hmac-sha1-96", "hmac-md5-etm@openssh.com")),
]  # fmt: skip
ABOVE = [
    *(("kex_algs", name) for name in KEY_EXCHANGES if not name.startswith("mlkem")),
    *(("encryption_algs", name) for name in CIPHERS),
    *(("mac_algs", name) for name in CHECKSUMS),
]
WITHOUT_MAC = {"encryption_algs": ["aes128-ctr"]}
"""A cipher that carries its own checksum would make the choice of one idle."""


def offering(kind: str, name: str) -> dict[str, list[str]]:
    return {**(WITHOUT_MAC if kind == "mac_algs" else {}), kind: [name]}


@pytest.mark.threat("T5")
@pytest.mark.asvs("12.3.1")
@pytest.mark.parametrize(("kind", "name"), BELOW)
def test_a_host_below_the_floor_sees_no_account(tmp_path: Path, kind: str, name: str) -> None:
    with in_process_server(tmp_path / "host", **offering(kind, name)) as server:
        with pytest.raises(AlgorithmsRefused, match="no common SSH algorithm"):
            connect(server.endpoint(), 5)
        assert server.sign_ins == []


@pytest.mark.threat("T5")
@pytest.mark.parametrize(("kind", "name"), ABOVE)
def test_every_algorithm_of_the_floor_works(tmp_path: Path, kind: str, name: str) -> None:
    with (
        in_process_server(tmp_path / "host", **offering(kind, name)) as server,
        connect(server.endpoint(), 5),
    ):
        assert server.sign_ins == ["root"]


@pytest.mark.threat("T5")
@pytest.mark.parametrize("name", WEAK)
def test_an_exception_is_for_what_it_names(tmp_path: Path, name: str) -> None:
    kind = "encryption_algs" if name in WEAK_CIPHERS else "mac_algs"
    with in_process_server(tmp_path / "host", **offering(kind, name)) as server:
        with pytest.raises(AlgorithmsRefused):
            connect(server.endpoint(weak_algorithms=tuple(set(WEAK) - {name})), 5)
        with connect(server.endpoint(weak_algorithms=(name,)), 5) as connection:
            assert name in (connection.transport.remote_cipher, connection.transport.remote_mac)


@pytest.mark.threat("T5")
def test_the_exchange_of_keys_is_strict(tmp_path: Path) -> None:
    """Against Terrapin (CVE-2023-48795)."""
    with in_process_server(tmp_path / "host") as server, connect(server.endpoint(), 5) as connection:
        assert connection.transport.agreed_on_strict_kex
