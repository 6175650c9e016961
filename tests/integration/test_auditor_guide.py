"""The auditor's guide: every line of `Without the portal` is run, with programs that are not ours."""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from portal.audit.actor import Actor
from portal.audit.anchors.configured import configured_anchors
from portal.audit.anchors.publisher import Publisher
from portal.audit.anchors.witness import request_body
from portal.audit.ceremony import Ceremony, Confirmation, rotate
from portal.audit.events import Event
from portal.audit.export import export_ledger
from portal.audit.models import Checkpoint, Receipt
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.audit.signer import Signer, SignerFiles
from portal.audit.witness import Witness
from tests.integration.test_ledger_anchors import authority

pytestmark = [pytest.mark.django_db, pytest.mark.golang, pytest.mark.openssl, pytest.mark.openssh]
ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "auditor-guide.md"


def commands() -> list[str]:
    """The blocks of commands in the section, one a comment."""
    section = GUIDE.read_text(encoding="utf-8").split("## Without the portal")[1].split("\n## ")[0]
    (block,) = re.findall(r"```\n(.*?)```", section, re.DOTALL)
    return [part.strip() for part in block.split("\n\n")]


def exported(place: Path, settings: Any) -> None:
    """A log with two keys, a witness and a time stamp, exported to DIR."""
    for name in ("DIR", "tsa"):
        (place / name).mkdir()
    with transaction.atomic():
        for number in range(260):
            record(Event.STEP_START, Actor.worker("w1"), {}, {"n": number}, run=9)
    seal_now()
    signer = Signer(SignerFiles.from_settings(), settings.LEDGER_ORIGIN)
    people = (Confirmation("u_a", "password"), Confirmation("u_b", "password"))
    rotate(signer, Ceremony(people, "yearly"))
    with authority(place / "tsa") as url:
        shutil.copy(place / "tsa" / "certificate-1.pem", place / "tsa.pem")
        settings.LEDGER_TIMESTAMP_CA = str(place / "tsa.pem")
        settings.LEDGER_TIMESTAMP_URL = url
        Publisher(configured_anchors(), signer.files).round()
    keys = [each.key for each in signer.files.log_keys().keys]
    witness = Witness("witness.example/w1", Ed25519PrivateKey.generate(), keys, place / "witness.sqlite3")
    settings.LEDGER_WITNESSES = [f"{witness.verifier} http://127.0.0.1:1"]
    newest = Checkpoint.objects.order_by("-size")[0]
    line = witness.add_checkpoint(request_body(newest.note, 0, []).encode()).text
    name = f"witness {witness.name}"
    Receipt.objects.create(
        anchor=name, kind="cosignature", size=newest.size, content=line, at=datetime.now(UTC)
    )
    export_ledger(place / "DIR")


def test_every_line_is_accepted_and_refused_after_an_alteration(tmp_path: Path, settings: Any) -> None:
    exported(tmp_path, settings)
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "GOCACHE": str(tmp_path / "go"),
    }

    def run(command: str) -> subprocess.CompletedProcess[str]:
        argv = ["bash", "-euo", "pipefail", "-c", command]
        return subprocess.run(
            argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=200
        )

    found = commands()
    assert len(found) == 9
    for command in found:
        done = run(command)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        if "xxd" in command:
            by_hand, stored = done.stdout.split("\n")[:2]
            assert by_hand.split()[0] == stored
    checkpoint = tmp_path / "DIR" / "checkpoint"
    origin, size, rest = checkpoint.read_text().split("\n", 2)
    checkpoint.write_text(f"{origin}\n{int(size) + 1}\n{rest}")
    refused = [command.splitlines()[0] for command in found if run(command).returncode != 0]
    assert len(refused) == 6, refused
