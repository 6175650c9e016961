"""The demo's estate: the lab as a process, and its hosts in the portal's inventory."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command

from portal.env import VAR_DIR
from portal.runner.supervisor import Child, Supervisor

LAB_DIR = VAR_DIR / "lab"
SPEED = 60
"""How much faster than real time the lab's clock runs."""

WATCH_S = 2
"""Seconds between two looks at the HMC during an update, which is fast here."""

HMC_PASSWORD_VARIABLE = "LAB_HMC_PASSWORD"  # noqa: S105 - a variable's name


@contextmanager
def lab_running(say: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """The lab, up and answering; yields what it says of its hosts. Raises ChildFailed."""
    description = LAB_DIR / "lab.json"
    description.unlink(missing_ok=True)
    supervisor = Supervisor(VAR_DIR / "log", os.environ, say)
    argv = (sys.executable, "-m", "inventory.lab", "--dir", str(LAB_DIR), "--speed", str(SPEED))
    try:
        supervisor.start(Child("lab", argv, description.exists))
        estate = json.loads(description.read_text())
        os.environ[HMC_PASSWORD_VARIABLE] = estate["hmc_password"]
        os.environ.setdefault("PORTAL_WATCH_S", str(WATCH_S))
        yield estate
    finally:
        supervisor.stop()


def put_lab_back() -> None:
    """Give the lab's partitions their first state again: level, disks, fixes and files, not their keys."""
    (LAB_DIR / "world.json").unlink(missing_ok=True)
    for root in LAB_DIR.glob("hosts/*/root"):
        shutil.rmtree(root)


def import_estate(username: str) -> None:
    """Bring the lab's hosts in, as an administrator would with a file from the inventory system."""
    call_command("import_hosts", str(Path(LAB_DIR) / "inventory.csv"), as_user=username)
