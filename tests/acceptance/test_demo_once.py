"""The main job from one command, on the embedded set-up and on PostgreSQL with Redis."""

import json
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
RESULT_KEYS = {
    "request", "run", "plan_digest", "approver", "run_state", "level_before", "level_after", "blackout_s",
    "commands", "output_bytes", "ledger_size", "checkpoint", "verified", "seconds",
}  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def demo_once(env: dict[str, str]) -> dict[str, object]:
    argv = [sys.executable, "manage.py", "demo", "--once", "--port", str(free_port())]
    env = {**os.environ, "PORTAL_DEMO": "1", **env}
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def check(result: dict[str, object]) -> None:
    assert result.keys() >= RESULT_KEYS
    assert result["run_state"] in {"succeeded", "succeeded_with_residue"}
    assert result["level_before"] == "7200-05-03-2148"
    assert result["level_after"] == "7200-05-04-2220"
    assert result["verified"] is True
    assert result["approver"] == "ivy"
    assert float(str(result["blackout_s"])) > 0


@pytest.mark.deep
@pytest.mark.timeout(200)
def test_demo_once_on_the_embedded_set_up_with_evidence_for_strangers(tmp_path: Path) -> None:
    place = {"PORTAL_VAR_DIR": str(tmp_path / "var")}
    result = demo_once(place)
    check(result)
    bundle = str(tmp_path / "run.zip")
    argv = [sys.executable, "manage.py", "evidence", "--run", str(result["run"]), "--out", bundle]
    subprocess.run(argv, cwd=ROOT, env={**os.environ, "PORTAL_DEMO": "1", **place}, check=True, timeout=60)
    with zipfile.ZipFile(bundle) as archive:
        script = archive.extract("verify.py", tmp_path)
    argv = [sys.executable, "-I", "-S", script, bundle]
    verified = subprocess.run(argv, cwd="/", capture_output=True, text=True, check=False, timeout=60)
    assert verified.returncode == 0, verified.stdout


@pytest.mark.deep
@pytest.mark.timeout(400)
def test_a_demo_that_was_killed_in_the_middle_is_cleared_away_by_the_next(tmp_path: Path) -> None:
    argv = [sys.executable, "-u", "manage.py", "demo", "--port", str(free_port())]
    env = {**os.environ, "PORTAL_DEMO": "1", "PORTAL_VAR_DIR": str(tmp_path)}
    with subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert any(line.strip() == "run: running" for line in first.stdout)
        first.kill()
    check(demo_once({"PORTAL_VAR_DIR": str(tmp_path)}))


@pytest.mark.postgresql
@pytest.mark.timeout(200)
def test_demo_once_on_postgresql_and_redis(tmp_path: Path) -> None:
    server = os.environ.get("TEST_POSTGRESQL_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    redis_url = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0").rsplit("/", 1)[0] + "/9"
    name = f"portal_acceptance_{os.getpid()}"
    with psycopg.connect(server.replace("postgres://", "postgresql://"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    try:
        url = server.rsplit("/", 1)[0] + "/" + name
        check(
            demo_once(
                {
                    "PORTAL_VAR_DIR": str(tmp_path),
                    "DATABASE_URL": url,
                    "REDIS_URL": redis_url,
                    "SECRET_KEY": "acceptance-" + "k" * 50,
                }
            )
        )
    finally:
        with psycopg.connect(server.replace("postgres://", "postgresql://"), autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
