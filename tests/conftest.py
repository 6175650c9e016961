"""Settings of the whole suite: a test database in a file, and a flush that the ledger allows."""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.leftovers import end_processes_in, processes_in
from tests.security_coverage import ROWS

hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Keep SQLite's test database in a file: threads with connections of their own then wait for
    each other as in production, where one in memory refuses them at once."""
    from django.db import connections

    from portal.env import VAR_DIR

    settings = connections["default"].settings_dict
    if settings["ENGINE"].endswith("sqlite3"):
        settings["TEST"]["NAME"] = str(VAR_DIR / f"test-{os.getpid()}.sqlite3")
        options = settings["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")


@pytest.fixture(scope="session")
def migrated(request: pytest.FixtureRequest, django_db_modify_db_settings: None) -> Any:
    """The migrated database of SQLite that an earlier run left; None on another database."""
    from django.db import connection

    from tests.migrated import Migrated

    return Migrated(request.config.cache.mkdir("migrated")) if connection.vendor == "sqlite" else None


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, migrated: Any) -> bool:
    """Whether the test database has its tables already; what is missing is migrated all the same."""
    from django.conf import settings

    database = settings.DATABASES["default"]["TEST"]["NAME"] if migrated else None
    return bool(migrated.begin(Path(database))) if migrated else django_db_keepdb


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, migrated: Any) -> None:
    """Leave the migrated database to later runs."""
    with django_db_blocker.unblock():
        if migrated:
            migrated.end()


@pytest.fixture(autouse=True, scope="session")
def a_suite_that_leaves_no_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What was started below a temporary directory has to be gone at the end; it is ended, and told."""
    place = tmp_path_factory.getbasetemp()
    yield
    left, deadline = processes_in(place), time.monotonic() + 5
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = processes_in(place)
    end_processes_in(place)
    assert not left, f"tests left processes behind: {left}"


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


@pytest.fixture(autouse=True)
def ledger_files(settings: Any, tmp_path: Path) -> Path:
    """Each test's ledger has a signing key, a signer's memory and an anchor file of its own."""
    place = tmp_path / "ledger"
    settings.LEDGER_KEY_FILE = str(place / "signing.key")
    settings.LEDGER_SIGNER_STATE = str(place / "signer.json")
    settings.LEDGER_ANCHOR_FILE = str(place / "checkpoints.log")
    settings.PORTAL_SPOOL_DIR = str(tmp_path / "spool")
    return place


@pytest.fixture(autouse=True)
def nothing_holds_the_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the database was restored is asked once a test asks for it: `hold.forget()`."""
    from portal.audit import hold

    monkeypatch.setattr(hold, "_kept", hold._Kept(until=float("inf")))


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    """Each test begins with an empty cache: people of two tests have the same keys."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def unprotected(db: Any) -> Any:
    """The ledger's tables without triggers, as for somebody who owns the database."""
    from django.db import connection, transaction

    remove_triggers(connection)
    yield
    transaction.set_rollback(True)  # what an attack left behind need not pass constraints


def remove_triggers(connection: Any) -> None:
    """What an owner of the database could do: drop every trigger of the ledger."""
    from portal.audit import triggers

    with connection.cursor() as cursor:
        for name in triggers.names(connection.vendor):
            table = "ledger_intake" if name == triggers.FENCE else name.split("_no_")[0]
            on = "" if connection.vendor == "sqlite" else f" ON {table}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse marks that name a threat or an item of the ASVS that there is not."""
    for item in items:
        for kind, rows in ROWS.items():
            for mark in item.iter_markers(kind):
                if not mark.args or set(mark.args) - set(rows):
                    raise pytest.UsageError(
                        f"{item.nodeid}: {kind}{mark.args} is in no row of tests/data/security."
                    )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--chaos-seconds", type=float, default=90, help="how long to kill workers")
    parser.addoption(
        "--schedules", type=int, default=25, help="how many random schedules of decisions to play"
    )
    parser.addoption("--first-schedule", type=int, default=0, help="the seed of the first of them")


@pytest.fixture
def chaos_seconds(request: pytest.FixtureRequest) -> float:
    """How long to go on killing workers."""
    return float(request.config.getoption("--chaos-seconds"))
