"""`manage.py document_reasons`: write `docs/reasons.md` from the source."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from liveupdate.control.reason_document import document_of, reasons_in

BASE = Path(settings.BASE_DIR)
PAGE = BASE / "docs" / "reasons.md"
SAYING_NO = ("liveupdate", "inventory/actions", "portal/access", "portal/audit", "portal/web")


def sources() -> list[Path]:
    """The modules that say no to people."""
    return sorted(path for room in SAYING_NO for path in (BASE / room).rglob("*.py"))


class Command(BaseCommand):
    """Writes the page anew; the tests compare it with the source."""

    help = "Write docs/reasons.md from the source."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write it."""
        found = reasons_in(sources())
        PAGE.write_text(document_of(found), encoding="utf-8")
        self.stdout.write(f"{PAGE}: {len({said.code for said in found})} codes, {len(found)} reasons")
