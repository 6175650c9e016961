"""Who may do what in PostgreSQL: the rights of each role, table by table (threats T6, T25, T31).

`lu_owner` owns the tables and runs migrations. `lu_app` is pages, workers and scheduler: it reads and writes,
and only adds to what is append-only. `lu_signer` is the sealer: it reads the ledger and adds entries' places,
tiles and checkpoints. `lu_auditor` reads the ledger and nothing else. None but the owner can drop a trigger.
"""

from collections.abc import Iterable, Iterator

from portal.audit.triggers import KEYS

APP, SIGNER, AUDITOR = "lu_app", "lu_signer", "lu_auditor"
LEDGER = "ledger_"
"""What the names of the ledger's tables begin with."""
STATEMENT_S = 120
"""Seconds that a statement of the portal may take, and a transaction may wait for its next one."""


def statements(tables: Iterable[str]) -> Iterator[str]:
    """SQL for a superuser or the owner, after every migration; running it again changes nothing.

    Passwords are not in it: set them with `\\\\password` of psql.
    """
    every = sorted(tables)
    ledger = [table for table in every if table.startswith(LEDGER)]
    for role in (APP, SIGNER, AUDITOR):
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') "  # noqa: S608
            f"THEN CREATE ROLE {role} LOGIN; END IF; END $$"
        )
        yield f"ALTER ROLE {role} SET statement_timeout = '{STATEMENT_S}s'"
        yield f"ALTER ROLE {role} SET idle_in_transaction_session_timeout = '{STATEMENT_S}s'"
        yield f"GRANT USAGE ON SCHEMA public TO {role}"
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
        yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}"
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"ALTER ROLE {AUDITOR} SET default_transaction_read_only = on"
    for table in every:
        yield f"GRANT {_of_app(table)} ON {table} TO {APP}"
    for table in ledger:
        yield f"GRANT {_of_signer(table)} ON {table} TO {SIGNER}"
        yield f"GRANT SELECT ON {table} TO {AUDITOR}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP}, {SIGNER}"


def _of_app(table: str) -> str:
    if table in KEYS:
        return "SELECT, INSERT"
    if table == "ledger_run":
        return "SELECT, INSERT, UPDATE"
    return "SELECT, INSERT, UPDATE, DELETE"


def _of_signer(table: str) -> str:
    return "SELECT, INSERT" if table in KEYS else "SELECT, INSERT, UPDATE"
