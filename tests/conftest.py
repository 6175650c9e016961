"""Settings of the whole suite: a data directory of its own, and a flush that the ledger allows."""

import os
import tempfile
from collections.abc import Sequence
from typing import Any

import pytest

os.environ.setdefault("PORTAL_VAR_DIR", tempfile.mkdtemp(prefix="portal-tests-"))


@pytest.fixture(autouse=True, scope="session")
def flush_of_append_only_tables() -> Any:
    """Let the flush after a transactional test empty the ledger: take its triggers off meanwhile.

    The product has no way to do that; only the suite does.
    """
    from django.db import transaction
    from django.db.backends.base.operations import BaseDatabaseOperations

    from portal.audit import triggers

    original = BaseDatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: BaseDatabaseOperations, sql_list: Sequence[str]) -> None:
        connection = self.connection
        with transaction.atomic(using=connection.alias, savepoint=False):
            remove_triggers(connection)
            original(self, sql_list)
            triggers.install(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", execute_sql_flush)
        yield


def remove_triggers(connection: Any) -> None:
    """What an owner of the database could do: drop every trigger of the ledger."""
    from portal.audit import triggers

    with connection.cursor() as cursor:
        for name in triggers.names(connection.vendor):
            table = "ledger_intake" if name == triggers.FENCE else name.split("_no_")[0]
            on = "" if connection.vendor == "sqlite" else f" ON {table}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
