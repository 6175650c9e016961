"""PostgreSQL's roles: the portal's own cannot alter the ledger, the sealer can seal, auditors can read."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from portal.audit import database_roles
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.models import Checkpoint, Entry, Intake
from portal.audit.record import record
from portal.audit.sealer import seal_now
from portal.audit.triggers import KEYS
from tests.fleet import CONSENTS, make_fleet

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.postgresql,
    pytest.mark.threat("T31"),
    pytest.mark.asvs("13.2.2", "16.4.2"),
]

ON_THE_LEDGER = [
    *(f"UPDATE {table} SET {key} = {key}" for table, ((key, *_), *_) in KEYS.items()),
    *(f"DELETE FROM {table}" for table in KEYS),
    *(f"TRUNCATE {table} CASCADE" for table in KEYS),
    "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
    "DROP TRIGGER ledger_entry_no_change ON ledger_entry",
    "DROP TABLE ledger_chunk CASCADE",
    "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NEW; END $$",
    "SET session_replication_role = replica",
    "ALTER TABLE ledger_entry OWNER TO lu_app",
    "ALTER TABLE ledger_entry DROP COLUMN leaf",
    "CREATE TABLE public.mine (id int)",
    "CREATE ROLE mine SUPERUSER",
    "DELETE FROM ledger_run",
]


@pytest.fixture
def roles(db: None) -> None:
    assert connection.vendor == "postgresql", "set DATABASE_URL to a server: roles are PostgreSQL's"
    out = StringIO()
    call_command("database_roles", stdout=out)
    assert out.getvalue().startswith("BEGIN;\n") and out.getvalue().endswith("COMMIT;\n")
    with connection.cursor() as cursor:
        for _ in range(2):  # running it again changes nothing
            for statement in database_roles.statements(connection.introspection.table_names()):
                cursor.execute(statement)


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        yield
        cursor.execute("RESET ROLE")


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        assert "permission denied" in str(error) or "must be" in str(error), error
        return True
    return False


def test_the_portal_works_and_cannot_alter_the_ledger(roles: None) -> None:
    with acting_as(database_roles.APP):
        make_fleet().submitted("pay02", consents=CONSENTS)
        assert Intake.objects.count() > 3
        assert [statement for statement in ON_THE_LEDGER if not refused(statement)] == []


def test_the_sealer_seals_and_touches_nothing_else(roles: None) -> None:
    with acting_as(database_roles.APP), transaction.atomic():
        record(Event.APP_START, Actor.portal(), {}, {})
    with acting_as(database_roles.SIGNER):
        seal_now()
        assert Entry.objects.count() == Intake.objects.count()
        assert Checkpoint.objects.exists()
        others = ["SELECT * FROM access_user", "UPDATE liveupdate_run SET state = state", *ON_THE_LEDGER]
        assert [statement for statement in others if not refused(statement)] == []


def test_auditors_read_the_ledger_alone(roles: None) -> None:
    with acting_as(database_roles.AUDITOR), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_intake")
        others = ["SELECT * FROM access_user", "INSERT INTO ledger_tile DEFAULT VALUES", *ON_THE_LEDGER]
        assert [statement for statement in others if not refused(statement)] == []


@pytest.mark.threat("T28")
def test_no_statement_runs_for_ever(roles: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolconfig FROM pg_roles WHERE rolname LIKE 'lu\\_%%'")
        settings = {name: set(config or ()) for name, config in cursor.fetchall()}
    wanted = {"statement_timeout=120s", "idle_in_transaction_session_timeout=120s"}
    assert all(wanted <= settings[name] for name in ("lu_app", "lu_signer", "lu_auditor"))
