"""Anchors, each against something real that receives: sockets, rsyslog, a witness, a time-stamp authority."""

import base64
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.core.management import CommandError, call_command
from django.db import transaction
from tlog_scales.signing import Vkey, VkeySet
from tlog_scales.tlog import Checkpoint as ForeignCheckpoint

from portal.audit import note
from portal.audit.actor import Actor
from portal.audit.anchors.base import AnchorContradicts, AnchorFailed, Published
from portal.audit.anchors.configured import configured_anchors
from portal.audit.anchors.publisher import Publisher
from portal.audit.anchors.syslog import Collector, SyslogAnchor, message_of, note_in
from portal.audit.events import Event
from portal.audit.models import AnchorState, Checkpoint, Entry, Intake, Receipt
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.audit.sequencer import Sequencer
from portal.audit.signer import SignerFiles
from portal.audit.verification.whole import verify_ledger
from portal.audit.witness import Witness, serve
from portal.lib.errors import Invalid

pytestmark = pytest.mark.django_db
RSYSLOG = "/usr/sbin/rsyslogd"


def enter(count: int = 1) -> Published:
    """Enter and sign."""
    with transaction.atomic():
        for number in range(count):
            record(Event.STEP_START, Actor.worker("w1"), {}, {"n": number})
    row = seal_now()
    assert row is not None
    return Published(row.size, bytes(row.root), row.note, row.signed_at)


def publisher() -> Publisher:
    return Publisher(configured_anchors(), SignerFiles.from_settings())


def state(kind: str) -> AnchorState:
    return AnchorState.objects.get(kind=kind)


def wait_for(found: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 15
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def collector(tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A collector that reads octet-counted frames (RFC 6587, 3.4.1)."""
    frames: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def read(line: socket.socket) -> None:
        with (tls.wrap_socket(line, server_side=True) if tls else line).makefile("rb") as stream:
            while head := stream.read(1):
                while not head.endswith(b" "):
                    head += stream.read(1)
                frames.append(stream.read(int(head)))

    def receive() -> None:
        while True:
            try:
                line, _ = server.accept()
                with line:
                    read(line)
            except ssl.SSLError:
                continue
            except OSError:
                return

    thread = threading.Thread(target=receive, daemon=True)
    thread.start()
    yield server.getsockname()[1], frames
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def certificate(tmp_path: Path, *usages: x509.ObjectIdentifier) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    begin = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(begin).not_valid_after(begin + timedelta(days=9))
    builder = builder.add_extension(address, critical=False)
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=True)
    path = tmp_path / f"certificate-{len(usages)}.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem + builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
    return path


def test_a_message_is_what_rfc_5424_says() -> None:
    checkpoint = enter(3)
    message = message_of(checkpoint).decode()
    priority, at, host, app, process, kind = message.split(" ")[:6]
    assert (priority, app, process, kind) == ("<109>1", "lu-ledger", "-", "checkpoint")
    assert datetime.fromisoformat(at) == checkpoint.at and host
    assert f'size="3" root="{checkpoint.root.hex()}"]' in message
    assert len(message) < 2048 and message.isascii() and "\n" not in message
    assert note_in(f"Nov 26 04:00:00 siem {message}") == checkpoint.note


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_each_checkpoint_reaches_a_collector_in_order_by_a_stream(
    transport: str, tmp_path: Path, settings: Any
) -> None:
    pem = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with collector(context if transport == "tls" else None) as (port, frames):
        settings.LEDGER_SYSLOG = [
            f"{transport}://localhost:{port}" + (f"?ca={pem}" if transport == "tls" else "")
        ]
        outside = publisher()
        notes = [enter().note]
        outside.round()
        notes += [enter().note, enter().note]
        outside.round()
        outside.round()
        wait_for(lambda: len(frames) == 3)
        assert [note_in(frame.decode()) for frame in frames] == notes
    assert (state("syslog").size, state("syslog").error) == (3, "")


def test_a_collector_whose_certificate_nobody_trusts_gets_nothing(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    with collector(context) as (port, frames):
        anchor = SyslogAnchor(Collector.parse(f"tls://localhost:{port}"))
        with pytest.raises(AnchorFailed, match="CERTIFICATE_VERIFY_FAILED"):
            anchor.publish(enter(), 0)
        assert frames == []


def test_a_datagram_reaches_a_collector() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        checkpoint = enter()
        SyslogAnchor(Collector.parse(f"udp://127.0.0.1:{server.getsockname()[1]}")).publish(checkpoint, 0)
        assert note_in(server.recv(4096).decode()) == checkpoint.note


@pytest.mark.rsyslog
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_rsyslog_reads_every_member_of_the_message_and_its_file_is_an_anchor(
    transport: str, tmp_path: Path, settings: Any
) -> None:
    with socket.socket(type=socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    out, module = tmp_path / "siem.log", f"im{transport}"
    (tmp_path / "conf").write_text(
        f'module(load="{module}")\ninput(type="{module}" address="127.0.0.1" port="{port}")\n'
        'template(name="all" type="string" string="%syslogfacility-text%.%syslogseverity-text% %app-name% '
        '%msgid% %structured-data% %msg%\\n")\n'
        f'*.* action(type="omfile" file="{out}" template="all")\n'
    )
    argv = [RSYSLOG, "-n", "-f", str(tmp_path / "conf"), "-i", str(tmp_path / "pid")]
    daemon = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        settings.LEDGER_SYSLOG = [f"{transport}://127.0.0.1:{port}"]
        checkpoint, outside = enter(), publisher()
        outside.anchors = outside.anchors[1:]

        def arrived() -> bool:
            AnchorState.objects.update(size=0)
            outside._not_before.clear()
            outside.round()
            return out.exists() and out.read_text() != ""

        wait_for(arrived)
        line = out.read_text().splitlines()[0]
        assert line.startswith("audit.notice lu-ledger checkpoint [checkpoint@32473 origin=")
        assert note_in(line) == checkpoint.note
        assert verify_ledger(copies=[out]).ok
    finally:
        daemon.terminate()
        daemon.wait(10)


def test_an_anchor_that_fails_is_tried_again_alarmed_once_and_gets_everything_later(settings: Any) -> None:
    with collector() as (port, _):
        pass
    settings.LEDGER_SYSLOG = [f"tcp://127.0.0.1:{port}"]
    outside = publisher()
    first = enter()
    for _ in range(5):
        outside._not_before.clear()
        outside.round()
    failing = state("syslog")
    assert (failing.size, failing.failures) == (0, 5)
    assert failing.failing_since is not None and "does not take messages" in failing.error
    alarms = Intake.objects.filter(event=Event.LEDGER_ALARM)
    assert [json.loads(bytes(alarm.content))["d"]["over"] for alarm in alarms] == [False]
    outside.round()
    assert state("syslog").failures == 5  # the pause is kept
    server = socket.create_server(("127.0.0.1", port))
    with server:
        server.settimeout(5)
        received: list[bytes] = []

        def receive() -> None:
            line, _ = server.accept()
            with line:
                received.append(line.recv(4096))

        thread = threading.Thread(target=receive)
        thread.start()
        outside._not_before.clear()
        outside.round()
        thread.join(5)
    assert first.note in [note_in(frame.decode()) for frame in received]
    assert (state("syslog").failures, state("syslog").failing_since, state("syslog").error) == (0, None, "")
    assert [json.loads(bytes(alarm.content))["d"]["over"] for alarm in alarms.order_by("id")] == [False, True]


@pytest.mark.parametrize(
    "address", ["siem", "udp://", "http://siem", "tcp://siem:99999", "tls://siem?password=x", "tcp://siem:x"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Invalid, match="no address of a syslog collector"):
        Collector.parse(address)


def test_the_sealer_does_not_start_with_an_anchor_that_is_none(settings: Any) -> None:
    settings.LEDGER_WITNESSES = ["x+y+z http://127.0.0.1"]
    with pytest.raises(CommandError, match="names no witness"):
        call_command("audit_sealer")


@pytest.fixture
def witness(tmp_path: Path, settings: Any) -> Iterator[Witness]:
    """A witness that trusts this test's log, and is asked by the publisher."""
    enter()
    key = SignerFiles.from_settings().log_keys().newest
    made = Witness("witness.example/w1", Ed25519PrivateKey.generate(), [key], tmp_path / "witness.sqlite3")
    with serve(made, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.LEDGER_WITNESSES = [f"{made.verifier} http://127.0.0.1:{server.server_port}"]
        yield made
        server.shutdown()
        thread.join(5)


def test_a_witness_cosigns_what_extends_and_a_foreign_tool_accepts_it(
    witness: Witness, tmp_path: Path
) -> None:
    outside = publisher()
    outside.round()
    enter(20)
    newest = enter(300)
    outside.round()
    assert [receipt.size for receipt in Receipt.objects.all()] == [1, newest.size]
    cosigned = newest.note + Receipt.objects.get(size=newest.size).content
    foreign = ForeignCheckpoint.from_text(cosigned)
    keys = VkeySet(Vkey.from_string(str(witness.verifier)), Vkey.from_string(str(witness.logs[0])))
    assert len(keys.verify(foreign.signatures, foreign)) == 2
    at = note.cosigned_at(cosigned, witness.verifier)
    assert abs(at - time.time()) < 60
    lines = [json.loads(line) for line in Path(outside.files.anchor).read_text().splitlines()]
    assert [line["checkpoint"] for line in lines if "anchor" in line][-1] == cosigned
    report = verify_ledger()
    assert (report.ok, report.receipts) == (True, 2)
    call_command("audit_export", out=str(tmp_path / "export"), stdout=StringIO())


def test_a_witness_that_has_seen_more_than_was_remembered_tells_the_size(witness: Witness) -> None:
    outside = publisher()
    outside.round()
    AnchorState.objects.filter(kind="witness").update(size=0)
    newest = enter(5)
    outside.round()
    assert (state("witness").size, state("witness").error) == (newest.size, "")


def stolen_key() -> Ed25519PrivateKey:
    """The log's signing key in the hands of somebody else."""
    key = load_pem_private_key(SignerFiles.from_settings().key.read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def test_a_witness_refuses_what_was_signed_with_a_stolen_key(witness: Witness) -> None:
    publisher().round()
    anchor, origin = configured_anchors()[-1], witness.logs[0].origin
    enter()
    for size, says in ((1, "has seen another ledger of 1 entries"), (2, "does not extend")):
        forged = note.sign(note.Head(size, bytes(32)), origin, stolen_key())
        with pytest.raises(AnchorContradicts, match=says):
            anchor.publish(Published(size, bytes(32), forged, datetime.now(UTC)), 1)


def test_a_contradiction_of_a_witness_is_an_alarm_at_once(witness: Witness) -> None:
    publisher().round()
    enter()
    forged = note.sign(note.Head(3, bytes(32)), witness.logs[0].origin, stolen_key())
    Checkpoint.objects.create(size=3, root=bytes(32), note=forged, signed_at=datetime.now(UTC))
    with transaction.atomic():
        record(Event.STEP_START, Actor.worker("w1"), {}, {})
    Sequencer().place_all()
    publisher().round()
    assert "does not extend" in state("witness").error
    alarms = [json.loads(bytes(row.content))["d"] for row in Intake.objects.filter(event=Event.LEDGER_ALARM)]
    assert [alarm["anchor"] for alarm in alarms] == ["witness witness.example/w1"]


def test_an_altered_receipt_is_found(witness: Witness, unprotected: None) -> None:
    publisher().round()
    text = note.signed_part(Checkpoint.objects.get().note)
    other = note.cosign(text, "witness.example/w1", Ed25519PrivateKey.generate(), 1)
    Receipt.objects.update(content=other)
    assert [problem.message for problem in verify_ledger().problems] == [
        "The cosignature of witness witness.example/w1 at 1: The checkpoint at 1 entries is not signed by "
        f"witness.example/w1+{witness.verifier.id.hex()}."
    ]


@contextmanager
def authority(tmp_path: Path) -> Iterator[str]:
    """A time-stamp authority: OpenSSL behind HTTP."""
    pem = certificate(tmp_path, ExtendedKeyUsageOID.TIME_STAMPING)
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "tsa.cnf").write_text(
        f"[tsa]\ndefault_tsa=t\n[t]\nserial={tmp_path}/serial\nsigner_cert={pem}\nsigner_key={pem}\n"
        "signer_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256,sha512\nordering=yes\ness_cert_id_alg=sha256\n"
        f"certs={pem}\n"
    )

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = tmp_path / "query"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            argv = ["openssl", "ts", "-reply", "-config", str(tmp_path / "tsa.cnf"), "-queryfile", str(query)]
            reply = subprocess.run(argv, capture_output=True, check=True, timeout=20).stdout
            self.send_response(200)
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join(5)


@pytest.mark.openssl
def test_a_checkpoint_is_time_stamped_once_a_day_and_openssl_accepts_the_token(
    tmp_path: Path, settings: Any
) -> None:
    settings.LEDGER_TIMESTAMP_CA = str(certificate(tmp_path, ExtendedKeyUsageOID.TIME_STAMPING))
    with authority(tmp_path) as url:
        settings.LEDGER_TIMESTAMP_URL = url
        outside = publisher()
        first = enter()
        outside.round()
        enter()
        outside.round()
        assert [receipt.size for receipt in Receipt.objects.all()] == [1]
        AnchorState.objects.filter(kind="timestamp").update(
            published_at=datetime.now(UTC) - timedelta(hours=25)
        )
        outside.round()
        assert [receipt.size for receipt in Receipt.objects.all()] == [1, 2]
    assert verify_ledger().ok
    (tmp_path / "tsr").write_bytes(base64.b64decode(Receipt.objects.get(size=1).content))
    (tmp_path / "note").write_text(first.note)
    argv = [
        "openssl",
        "ts",
        "-verify",
        "-in",
        "tsr",
        "-data",
        "note",
        "-CAfile",
        settings.LEDGER_TIMESTAMP_CA,
    ]
    said = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    (tmp_path / "note").write_text(first.note + "x")
    assert subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False).returncode != 0


@pytest.mark.openssl
def test_a_token_of_another_authority_is_refused(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "other").mkdir()
    settings.LEDGER_TIMESTAMP_CA = str(certificate(tmp_path / "other", ExtendedKeyUsageOID.TIME_STAMPING))
    with authority(tmp_path) as url:
        settings.LEDGER_TIMESTAMP_URL = url
        enter()
        publisher().round()
    assert not Receipt.objects.exists()
    assert "token is not good" in state("timestamp").error


def test_a_file_of_checkpoints_that_lost_the_newest_is_told(settings: Any) -> None:
    enter()
    enter()
    outside = publisher()
    path = Path(settings.LEDGER_ANCHOR_FILE)
    path.write_text(path.read_text().splitlines()[0] + "\n")
    outside.round()
    assert "is not in" in state("file").error


def test_copies_kept_elsewhere_are_compared(tmp_path: Path, settings: Any, unprotected: None) -> None:
    """An anchor file, one checkpoint, syslog lines: each shows a ledger that is shorter than it was."""
    first, second = enter(), enter(4)
    lines = [f"siem: {message_of(each).decode()}" for each in (first, second)]
    (tmp_path / "syslog").write_text("\n".join(["something else", *lines]) + "\n")
    (tmp_path / "checkpoint").write_text(second.note)
    shutil.copy(settings.LEDGER_ANCHOR_FILE, tmp_path / "anchors")
    out = StringIO()
    call_command(
        "audit_verify", anchor=[tmp_path / name for name in ("syslog", "checkpoint", "anchors")], stdout=out
    )
    assert "Good" in out.getvalue()
    for path in (Path(settings.LEDGER_ANCHOR_FILE), Path(settings.LEDGER_SIGNER_STATE)):
        path.unlink()
    Entry.objects.filter(seq__gte=1)._raw_delete("default")
    Checkpoint.objects.filter(size__gt=1)._raw_delete("default")
    Intake.objects.filter(entry=None)._raw_delete("default")
    for name in ("syslog", "checkpoint", "anchors"):
        problems = [problem.message for problem in verify_ledger(copies=[tmp_path / name]).problems]
        assert "Entries 1 to 4 are missing: they were signed." in problems
    (tmp_path / "nothing").write_text("no checkpoint here\n")
    with pytest.raises(Invalid, match="holds no checkpoint"):
        verify_ledger(copies=[tmp_path / "nothing"])
