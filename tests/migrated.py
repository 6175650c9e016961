"""SQLite's test database, migrated once for all runs and workers that have the same migrations."""

import fcntl
import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MIGRATIONS_MODULE_NAME


class Migrated:
    """The database that an earlier run left in `place`; workers that start together wait for the first."""

    def __init__(self, place: Path) -> None:
        self._place, self._kept = place, place / _name()
        self._lock = (place / "lock").open("w")
        self._is_new = False

    def begin(self, database: Path) -> bool:
        """Put it in place; False where the caller has to migrate, while the others wait."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._is_new = not self._kept.exists()
        if not self._is_new:
            shutil.copyfile(self._kept, database)
            self._lock.close()
        return not self._is_new

    def end(self) -> None:
        """Keep what was migrated, instead of the databases of other migrations."""
        if not self._is_new:
            return
        for old in self._place.glob("*.sqlite3"):
            old.unlink()
        draft = self._place / "draft"
        draft.unlink(missing_ok=True)
        with closing(sqlite3.connect(draft)) as copy:
            connection.connection.backup(copy)
        draft.rename(self._kept)
        self._lock.close()


def _name() -> str:
    """A name by the migrations of all applications."""
    digest = hashlib.sha256()
    for app in sorted(apps.get_app_configs(), key=lambda app: app.path):
        for file in sorted((Path(app.path) / MIGRATIONS_MODULE_NAME).glob("*.py")):
            digest.update(str(file).encode() + b"\0" + file.read_bytes())
    return f"{digest.hexdigest()[:32]}.sqlite3"
