"""`manage.py database_roles`: the SQL that gives each of PostgreSQL's roles its rights, and no more."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from portal.audit.database_roles import statements


class Command(BaseCommand):
    """Print the SQL for the tables that there are; changes nothing."""

    help = "Print SQL for psql: the roles lu_app, lu_signer and lu_auditor with their rights on every table."
    requires_migrations_checks = True

    def handle(self, **_options: Any) -> None:
        """Print it, each statement with its semicolon, in one transaction."""
        lines = [f"{statement};" for statement in statements(connection.introspection.table_names())]
        self.stdout.write("\n".join(["BEGIN;", *lines, "COMMIT;"]))
