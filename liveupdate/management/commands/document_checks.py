"""`manage.py document_checks`: write `docs/readiness-checks.md` from the checks."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from liveupdate.readiness.catalogue import CHECKS
from liveupdate.readiness.document import document_of

PAGE = Path(settings.BASE_DIR) / "docs" / "readiness-checks.md"


class Command(BaseCommand):
    """Writes the page anew; the tests compare it with the checks."""

    help = "Write docs/readiness-checks.md from the readiness checks."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write it."""
        PAGE.write_text(document_of(CHECKS), encoding="utf-8")
        self.stdout.write(f"{PAGE}: {len(CHECKS)} checks")
