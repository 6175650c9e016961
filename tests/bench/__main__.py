"""`python -m tests.bench`: prints ours, the reference, the ratio and the goal of each row."""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("Django", "paramiko", "cryptography", "django-tables2")
PARTS = ("P1", "P9", "P11", "P14", "P15")


def main() -> None:
    """Measure in a database of its own, which is gone afterwards."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="lists with 10,000 LPARs and 1,000,000 entries")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="only these parts")
    parser.add_argument("--json", type=Path, help="write the results to this file, too; - prints them")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as var:
        os.environ["PORTAL_VAR_DIR"] = var
        os.environ.setdefault("LOG_LEVEL", "ERROR")
        os.environ.setdefault("PORTAL_NETWORKS", "127.0.0.0/8")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
        rows = list(_measured(wanted.only, full=wanted.full))
    if wanted.json:
        text = json.dumps({"machine": machine(), "rows": [row.as_dict() for row in rows]}, indent=2)
        if str(wanted.json) == "-":
            print(text)
        else:
            wanted.json.write_text(text + "\n", encoding="utf-8")


def _measured(parts: list[str], *, full: bool) -> Iterator[object]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tests.bench import commands, demo, ledger, lists, reports
    from tests.bench.rows import table

    measures: dict[str, Callable[[], Iterator[object]]] = {
        "P1": commands.measure,
        "P9": ledger.measure,
        "P11": lambda: lists.measure(full=full),
        "P14": demo.measure,
        "P15": reports.measure,
    }
    on_server = connection.vendor != "sqlite"  # where a database of its own has to be made
    name = connection.settings_dict["NAME"]
    if on_server:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    else:
        call_command("migrate", verbosity=0)
    try:
        print("\n".join(f"{name}: {value}" for name, value in machine().items()), flush=True)
        for part in (part for part in PARTS if part in parts):
            rows = list(measures[part]())
            print(f"\n{table(rows)}", flush=True)
            yield from rows
    finally:
        if on_server:
            connection.creation.destroy_test_db(name, verbosity=0)


def machine() -> dict[str, str]:
    """What the numbers were measured on."""
    from django.db import connection

    ssh = (
        subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=False)
        if shutil.which("ssh")
        else None
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        database = f"{connection.vendor} {cursor.fetchone()[0]}"
    return {
        "machine": f"{platform.node()}, {platform.system()} {platform.release()}, {os.cpu_count()} cores",
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "database": database,
        "ssh": ssh.stderr.strip() if ssh else "none",
    }


if __name__ == "__main__":
    sys.exit(main())
