"""`manage.py document_signatures`: write `docs/signatures/` from the failure signatures."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from liveupdate.diagnosis.document import pages

DIRECTORY = Path(settings.BASE_DIR) / "docs" / "signatures"


class Command(BaseCommand):
    """Writes the pages anew; the tests compare them with the signatures."""

    help = "Write docs/signatures/ from the failure signatures."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write them, and take away those of signatures that are gone."""
        written = pages()
        DIRECTORY.mkdir(exist_ok=True)
        for old in DIRECTORY.glob("*.md"):
            if old.name not in written:
                old.unlink()
        for name, text in written.items():
            (DIRECTORY / name).write_text(text, encoding="utf-8")
        self.stdout.write(f"{DIRECTORY}: {len(written)} pages")
