"""Every write, fsync and rename of spool and sealer fails once, or is the last thing that the process does.

The kernel's answers are changed by `strace -e inject`; nothing of the product is replaced.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.models import Intake
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.audit.spool.reading import copies_in, damaged_in, days_in
from portal.audit.verification.whole import verify_ledger
from tests.chaos.workers import ROOT, database_url

pytestmark = [pytest.mark.deep, pytest.mark.timeout(900)]

SPOOL = """
import os, sys, django
django.setup()
from portal.audit.spool.copies import EntrySpool
from portal.audit.spool.place import SpoolFailed
from portal.audit.spool import place
from pathlib import Path
spool = EntrySpool(Path(sys.argv[1]))
for number in range(6):
    try:
        spool.keep([b'{"d":%d}' % number], durably=True)
    except SpoolFailed:
        continue
    os.write(1, b"%d\\n" % number)
"""
SEAL = """
import django
django.setup()
from portal.audit.sealer import seal_now
seal_now()
"""
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")


def under_fault(script: str, inject: str, *more: str, **env: str) -> subprocess.CompletedProcess[str]:
    strace = [
        "strace",
        "-f",
        "-qq",
        "-o",
        os.devnull,
        "-e",
        f"trace={inject.partition(':')[0]}",
        "-e",
        f"inject={inject}",
    ]
    surroundings = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "PYTHONPATH": str(ROOT), **env}
    return subprocess.run(
        [*strace, sys.executable, "-c", script, *more],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", ["fdatasync:when=1", "fdatasync:when=3", "fsync:when=1", "fallocate:when=1"])
def test_what_the_spool_called_kept_is_there(tmp_path: Path, call: str, fault: str) -> None:
    name, when = call.split(":")
    ended = under_fault(SPOOL, f"{name}:{fault}:{when}", str(tmp_path), SECRET_KEY=settings.SECRET_KEY)
    assert ended.returncode in (0, -signal.SIGKILL, 128 + signal.SIGKILL), ended.stderr
    there = {copy.content for day in days_in(tmp_path) for copy in copies_in(day)}
    called_kept = {b'{"d":%d}' % int(number) for number in ended.stdout.split()}
    assert called_kept <= there
    assert not [file for day in days_in(tmp_path) for file in damaged_in(day)]
    if fault != "signal=KILL":
        assert len(called_kept) >= 5


@pytest.mark.django_db(transaction=True)
def test_the_sealer_is_whole_after_every_fault(ledger_files: Path) -> None:
    env: dict[str, Any] = {
        "DATABASE_URL": database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "LEDGER_KEY_FILE": settings.LEDGER_KEY_FILE,
        "LEDGER_SIGNER_STATE": settings.LEDGER_SIGNER_STATE,
        "LEDGER_ANCHOR_FILE": settings.LEDGER_ANCHOR_FILE,
    }
    calls = [*(("fsync", number) for number in range(1, 8)), ("rename", 1), ("ftruncate", 1)]
    hit = 0
    for call, number in calls:
        for fault in ("error=EIO", "signal=KILL"):
            with transaction.atomic():
                for each in range(3):
                    record(Event.CONFIG_CHANGE, Actor.command("tests"), {}, {"number": each})
            ended = under_fault(SEAL, f"{call}:{fault}:when={number}", **env)
            hit += ended.returncode != 0
            seal_now()
            report = verify_ledger()
            assert report.ok, (call, number, fault, report.first_bad, ended.stderr[-500:])
            assert (report.size, report.unsigned) == (Intake.objects.count(), 0)
    print(f"{hit} of {2 * len(calls)} faults ended the sealer")
    assert hit >= 8
