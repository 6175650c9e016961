"""`python -m tests.record_facts`: read every fact of the lab's LPARs anew for `tests/fleet.py`.

Run it after a fact was added or the lab prints something else; the difference shows what changed.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import django

import tests.environment  # noqa: F401 - before the settings are read

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - after the set-up

from inventory.actions.facts import refresh_facts  # noqa: E402
from inventory.lab.estate import running_lab  # noqa: E402
from inventory.models import FactReading, Lpar  # noqa: E402
from portal.audit.actor import Actor  # noqa: E402
from tests.fleet import FACTS  # noqa: E402
from tests.lab_estate import import_lab  # noqa: E402

KEPT = ("fact", "key", "command", "stdout", "stderr", "status", "state", "problem")


def main() -> None:
    """Start the lab, read, write."""
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as directory, running_lab(Path(directory), speed=300) as lab:
        import_lab(lab)
        texts = {lpar.name: _answers(lpar) for lpar in Lpar.objects.select_related("host")}
    FACTS.write_text(json.dumps(texts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _answers(lpar: Lpar) -> list[dict[str, Any]]:
    refresh_facts(lpar, Actor.worker("recorder"))
    rows = FactReading.objects.filter(subject=lpar.host, current=True).select_related("host")
    return [
        {**{name: getattr(row, name) for name in KEPT}, "host": row.host.name}
        for row in rows.order_by("fact", "key")
    ]


if __name__ == "__main__":
    main()
