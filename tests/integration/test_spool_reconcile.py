"""The spool sees what was taken out of the ledger before anything vouched for it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.engine.redactor import tag_of
from liveupdate.models import Run
from portal.audit import triggers
from portal.audit.guard import ledger_problems
from portal.audit.models import Intake
from portal.audit.sealer import seal_now
from portal.audit.spool import reconcile as reconciling
from portal.audit.spool.copies import line_of
from portal.audit.spool.reading import days_in
from portal.audit.spool.reconcile import reconcile, spool_findings
from portal.audit.verification.whole import keep, verify_ledger
from portal.lib.clock import now
from tests.conftest import remove_triggers
from tests.integration.engine_world import make_world, sh
from tests.ssh_server import Server, in_process_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def run(transactional_db: None, server: Server, settings: Any) -> Run:
    """A run that is over, and of which nothing is signed yet."""
    settings.PORTAL_LAUNCHER_DIR = str(server.directory / "launcher")
    world = make_world(server.endpoint(), server.endpoint(name="hmc01"))
    steps = [sh("one", "echo 1"), sh("two", "echo user=a password=s3cret.")]
    run = Run.objects.get(pk=start_run(world.approved(world.plan(steps)).pk).pk)
    execute(run.pk, "w1")
    return run


def as_owner(*statements: str) -> None:
    """What the owner of the database does to it, and puts the triggers back."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        remove_triggers(connection)
        for statement in statements:
            cursor.execute(statement)
        triggers.install(connection)


def drop_last(run: Run, count: int) -> None:
    """Remove a run's newest entries and set its counter back: no number tells of it any more."""
    last = Intake.objects.filter(run=run.pk).order_by("-rs")[count].rs
    as_owner(
        f"DELETE FROM ledger_intake WHERE run = {run.pk} AND rs > {last}",
        f"UPDATE ledger_run SET rs = {last} WHERE run = {run.pk}",
    )


def test_a_whole_ledger_agrees_with_its_spool(run: Run) -> None:
    assert list(spool_findings()) == []
    seal_now()
    assert reconcile() == []
    call_command("spool_reconcile")


def test_entries_dropped_before_sealing_are_named(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    drop_last(run, 3)
    seal_now()
    messages = [problem.message for problem in verify_ledger().problems]
    assert sum("was removed: the spool" in message for message in messages) == 3
    assert any("(run.end)" in message for message in messages)
    with pytest.raises(SystemExit) as left:
        call_command("spool_reconcile", json=True)
    assert left.value.code == 1
    assert len(json.loads(capsys.readouterr().out)["problems"]) == 3
    assert [problem.code for problem in ledger_problems()] == ["ledger_bad"]
    alarms = Intake.objects.filter(event="ledger.alarm")
    assert alarms.count() == 1
    reconcile()
    assert alarms.count() == 1
    assert "spool" in json.loads(bytes(alarms.get().content))["d"], "reports tell it from other alarms"


def test_an_entry_exchanged_before_sealing_is_named(run: Run) -> None:
    row = Intake.objects.filter(run=run.pk, event="cmd.end").latest("rs")
    other = Intake.objects.filter(run=run.pk, event="cmd.end").earliest("rs")
    as_owner(
        f"UPDATE ledger_intake SET content = (SELECT content FROM ledger_intake WHERE id = {other.pk}), "
        f"leaf = (SELECT leaf FROM ledger_intake WHERE id = {other.pk}) WHERE id = {row.pk}"
    )
    assert [problem.message for problem in spool_findings() if "is not the one" in problem.message]


def test_a_copy_that_somebody_altered_is_told_and_counts_as_none(run: Run, settings: Any) -> None:
    file = next(Path(settings.PORTAL_SPOOL_DIR).rglob("*.log"))
    file.write_bytes(file.read_bytes().replace(b'"cmd.end"', b'"cmd.END"', 1))
    assert [problem.message for problem in spool_findings()] == [
        f"The spool's file {file} holds a copy that was altered."
    ]


def test_old_days_go_once_all_of_them_is_signed(run: Run, settings: Any, monkeypatch: Any) -> None:
    settings.PORTAL_SPOOL_DAYS = 7
    spool = Path(settings.PORTAL_SPOOL_DIR)
    later = now() + timedelta(days=9)
    monkeypatch.setattr(reconciling, "now", lambda: later)
    assert reconcile() == []
    assert days_in(spool)
    seal_now()
    assert reconcile() == []
    assert not days_in(spool)


def test_a_secret_in_output_is_masked_and_its_rule_entered(run: Run) -> None:
    ends = [
        json.loads(bytes(row.content))["d"] for row in Intake.objects.filter(event="cmd.end").order_by("rs")
    ]
    assert ends[1]["stdout"]["masked"] == [{"rule": "password"}]
    assert "masked" not in ends[0]["stdout"]
    printed = b"".join(bytes(row.content) for row in run.commands.get(step__key="two").output.all())
    assert printed == b"user=a password=*******\n"
    assert len(tag_of("one")) == 12
    assert tag_of("one") != tag_of("two")
    keep(verify_ledger())


@pytest.fixture
def brought(run: Run, settings: Any, tmp_path: Path) -> Path:
    """The spool of a machine that is gone; this machine's own is empty."""
    place = Path(settings.PORTAL_SPOOL_DIR).rename(tmp_path / "brought")
    settings.PORTAL_SPOOL_DIR = str(tmp_path / "here")
    return place


def test_the_spool_of_another_machine_is_compared_as_its_own(
    run: Run, brought: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("spool_reconcile", brought=brought)
    assert "Good" in capsys.readouterr().out
    drop_last(run, 3)
    with pytest.raises(SystemExit):
        call_command("spool_reconcile", brought=brought, json=True)
    told = json.loads(capsys.readouterr().out)
    assert [message.endswith(f"the spool {brought} holds it.") for message in told["problems"]] == [True] * 3
    alarm = Intake.objects.get(event="ledger.alarm")
    assert json.loads(bytes(alarm.content))["d"]["spool"] == str(brought)
    assert days_in(brought), "it is evidence"


def refusal_of(directory: Path, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(CommandError):
        call_command("spool_reconcile", brought=directory, json=True)
    return str(json.loads(capsys.readouterr().out)["error"]["code"])


def test_what_is_no_spool_of_this_portal_as_it_was_written_is_refused(
    brought: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal_of(tmp_path / "nothing", capsys) == "spool_missing"
    file = next(brought.rglob("*.log"))
    kept = file.read_bytes()
    file.write_bytes(kept.replace(b'"cmd.end"', b'"cmd.END"', 1))
    assert refusal_of(brought, capsys) == "spool_altered"
    others = [line[65:].replace(b'"id":"', b'"id":"0') for line in kept.rstrip(b"\0").splitlines()]
    file.write_bytes(b"".join(map(line_of, others)))
    assert refusal_of(brought, capsys) == "spool_foreign"
    assert not Intake.objects.filter(event="ledger.alarm").exists()
