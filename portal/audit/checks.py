"""System checks: the append-only triggers are where they belong, and checkpoints have somewhere to go."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name
from django.db import connections

from portal.audit import triggers
from portal.audit.anchors.configured import RECOMMENDED, configured_anchors
from portal.lib.errors import Invalid


@register(Tags.database)
def triggers_are_installed(*, databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Every trigger of an existing ledger must exist; before the first migrate there is nothing to say."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if not triggers.tables() <= set(connection.introspection.table_names()):
            continue
        gone = triggers.missing(connection)
        if gone:
            found.append(
                Error(
                    f"The ledger is not protected: missing trigger {', '.join(gone)}.",
                    hint=(
                        "In an upgrade `manage.py migrate --skip-checks` puts in what a version brings. "
                        "Else find out who removed it and run audit_verify first."
                    ),
                    id="audit.E001",
                )
            )
    return found


@register(Tags.security, deploy=True)
def anchors_are_configured(**_options: Any) -> list[CheckMessage]:
    """Every anchor's setting names one, and there are enough of them to be believed."""
    try:
        anchors = configured_anchors()
    except Invalid as error:
        return [Error(error.message, hint=error.remedy, id="audit.E002")]
    if len(anchors) >= RECOMMENDED:
        return []
    return [
        Warning(
            "Checkpoints stay on this machine: whoever owns it can write another ledger.",
            hint="Set LEDGER_SYSLOG, LEDGER_WITNESSES or LEDGER_TIMESTAMP_URL.",
            id="audit.W001",
        )
    ]
