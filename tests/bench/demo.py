"""P14: the demo, from an empty data directory to a finished, approved, audited Live Update."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.rows import Row, seconds

ROOT = Path(__file__).parents[2]
LIMIT_S = 180.0
OWN = ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE")


def measure() -> Iterator[Row]:
    """First start and second start; the goals are for the demo on two cores without installing."""
    with tempfile.TemporaryDirectory(prefix="bench-demo-") as var:
        for what, goal in (("first start, with one Live Update", 60.0), ("second start", 15.0)):
            results: list[dict[str, object]] = []
            took = seconds(lambda results=results: results.append(_demo(var)))
            update = results[0].get("run_seconds")
            note = f"the Live Update {update} s" if update and goal == 60.0 else ""
            yield Row("P14", f"demo-once, {what}", "s", took, None, f"≤ {goal:.0f} s", took <= goal, note)


def _demo(var: str) -> dict[str, object]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name not in OWN}
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--once", "--port", str(port)],
        cwd=ROOT,
        env=environment | {"PORTAL_DEMO": "1", "PORTAL_VAR_DIR": var},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"P14: the demo failed with status {done.returncode}.\n{done.stdout}{done.stderr}")
    result: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return result
