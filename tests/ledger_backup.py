"""A real backup of the test's database, and the restore of it: a file of SQLite, a database of PostgreSQL."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from django.db import connection

from portal.audit import hold


class Backup:
    """What the database held when this was made."""

    def __init__(self, place: Path) -> None:
        self._copy = place / "backup.sqlite3"
        self._name = str(connection.settings_dict["NAME"])
        self._kept = f"{self._name}_kept"
        connection.close()
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(self._name)) as source, closing(sqlite3.connect(self._copy)) as copy:
                source.backup(copy)
        else:
            self._as_superuser(f'DROP DATABASE IF EXISTS "{self._kept}"')
            self._as_superuser(f'CREATE DATABASE "{self._kept}" TEMPLATE "{self._name}"')

    def restore(self) -> None:
        """Put it back in the place of what the database holds now, as an administrator would."""
        connection.close()
        if connection.vendor == "sqlite":
            for suffix in ("", "-wal", "-shm"):
                Path(self._name + suffix).unlink(missing_ok=True)
            with closing(sqlite3.connect(self._copy)) as copy, closing(sqlite3.connect(self._name)) as target:
                copy.backup(target)
        else:
            self._as_superuser(f'DROP DATABASE "{self._name}" WITH (FORCE)')
            self._as_superuser(f'CREATE DATABASE "{self._name}" TEMPLATE "{self._kept}"')
            self._as_superuser(f'DROP DATABASE "{self._kept}"')
        hold.forget()

    def _as_superuser(self, statement: str) -> None:
        given = connection.get_connection_params() | {"dbname": "postgres", "autocommit": True}
        wanted = {
            name: given[name] for name in ("dbname", "user", "password", "host", "port") if name in given
        }
        with psycopg.connect(**wanted, autocommit=True) as outside:
            outside.execute(statement)  # type: ignore[call-overload]  # names of this test's databases
