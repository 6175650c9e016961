"""The daily verification: started when due, beside the scheduler, and a bad result is shouted."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.audit import daily
from portal.audit.daily import DailyVerification
from portal.audit.models import Intake, Verification
from portal.audit.sealer import seal_now
from portal.audit.triggers import names
from portal.lib.clock import now
from tests.integration.test_ledger_sealing import enter

ROOT = Path(__file__).resolve().parents[2]
FAILS = (sys.executable, "-c", "raise SystemExit(3)")
WAITS = (sys.executable, "-c", "import time; time.sleep(600)")


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(daily.log, "error", lambda event, **_more: said.append(event))
    return said


def look_until(verification: DailyVerification, done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline
        verification.look()
        time.sleep(0.02)


def verified(hours_ago: float, **more: Any) -> Verification:
    at = now() - timedelta(hours=hours_ago)
    return Verification.objects.create(
        **{"finished_at": at, "ok": True, "size": 1, "root": "ab", "seconds": 1, **more}
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("hours", "hours_ago", "due"), [(24, 25, True), (24, 23, False), (0, 99, False)])
def test_a_verification_is_due_by_the_age_of_the_newest(hours: float, hours_ago: float, due: bool) -> None:
    enter()
    verified(hours_ago)
    verified(0, ok=False, root="", seconds=0)
    verification = DailyVerification(hours, WAITS)
    verification.look()
    assert (verification._process is not None) is due
    verification.stop()
    assert verification._process is None


@pytest.mark.django_db
def test_an_empty_ledger_is_not_verified() -> None:
    verification = DailyVerification(24, WAITS)
    verification.look()
    assert verification._process is None


@pytest.mark.django_db
def test_one_that_comes_to_no_result_is_an_error_and_not_tried_at_once(errors: list[str]) -> None:
    enter()
    seal_now()
    verification = DailyVerification(24, FAILS)
    look_until(verification, lambda: errors)
    verification.look()
    assert verification._process is None
    assert errors == ["ledger.verification_failed"]


@pytest.mark.django_db
@pytest.mark.parametrize(("ok", "said"), [(True, []), (False, ["ledger.bad"])])
def test_the_result_is_entered_and_a_bad_one_shouted(errors: list[str], ok: bool, said: list[str]) -> None:
    enter()
    seal_now()
    verification = DailyVerification(24, FAILS)
    verification.look()
    verified(0, ok=ok, first_bad="" if ok else "Entry 0 was altered.")
    look_until(verification, lambda: verification._process is None)
    entered = json.loads(Intake.objects.get(event="ledger.verify").content)
    assert entered["d"]["ok"] is ok
    assert entered["actor"] == {"k": "portal", "id": "portal"}
    assert errors == said


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """The database of a portal whose scheduler runs, its ledger with one sealed entry."""
    env = {**os.environ, "PORTAL_VAR_DIR": str(tmp_path), "PORTAL_VERIFY_HOURS": "0.0002"}
    env["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    env.pop("DATABASE_URL", None)
    enter_one = (
        "import django; django.setup()\n"
        "from django.core.management import call_command; call_command('migrate', verbosity=0)\n"
        "from tests.integration.test_ledger_sealing import enter; enter()\n"
        "from portal.audit.sealer import seal_now; seal_now()"
    )
    subprocess.run([sys.executable, "-c", enter_one], cwd=ROOT, env=env, check=True, timeout=90)
    command = [sys.executable, "manage.py", "scheduler", "--interval", "0.1"]
    with (tmp_path / "log").open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=output)
        try:
            yield tmp_path / "portal.sqlite3"
            process.terminate()
            assert process.wait(20) == 0
        finally:
            process.kill()


@pytest.mark.deep
def test_the_scheduler_has_the_ledger_verified_and_shouts(database: Path) -> None:
    with closing(sqlite3.connect(database, timeout=20)) as rows:
        wait_for(rows, "SELECT 1 FROM ledger_verification WHERE ok")
        for name in names("sqlite"):
            rows.execute(f"DROP TRIGGER {name}")
        rows.execute("UPDATE ledger_intake SET event = 'app.start' WHERE id = 1")
        rows.commit()
        wait_for(rows, "SELECT 1 FROM ledger_verification WHERE NOT ok")
        wait_for(rows, "SELECT 1 FROM ledger_intake WHERE instr(content, '\"ok\":false')")
    log = (database.parent / "log").read_text()
    assert '"event": "ledger.bad"' in log
    assert "Entry 0 (app.start): the copy of event" in log


def wait_for(rows: sqlite3.Connection, query: str) -> None:
    deadline = time.monotonic() + 60
    while rows.execute(query).fetchone() is None:
        assert time.monotonic() < deadline, query
        time.sleep(0.1)
