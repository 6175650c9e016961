"""System check: the append-only triggers are where they belong."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from portal.audit import triggers


@register(Tags.database)
def triggers_are_installed(*, databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Every trigger of an existing ledger must exist; before the first migrate there is nothing to say."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if not set(triggers.KEYS) <= set(connection.introspection.table_names()):
            continue
        gone = triggers.missing(connection)
        if gone:
            found.append(
                Error(
                    f"The ledger is not protected: missing trigger {', '.join(gone)}.",
                    hint="Find out who removed it, run audit_verify, then `manage.py migrate --skip-checks`.",
                    id="audit.E001",
                )
            )
    return found
