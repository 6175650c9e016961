"""Django's registration of this room."""

from importlib import import_module
from typing import Any

import structlog
from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from portal.audit import triggers
from portal.web import health

log = structlog.get_logger(__name__)


class AuditConfig(AppConfig):
    """The `audit` app."""

    name = "portal.audit"
    label = "audit"

    def ready(self) -> None:
        """Register the checks of system and health; put the triggers back after every migrate."""
        import_module("portal.audit.checks")
        health.register("ledger", import_module("portal.audit.health").ledger_works)
        health.register("anchors", import_module("portal.audit.trust").anchors_answer, vital=False)
        post_migrate.connect(_install_triggers, sender=self)


def _install_triggers(*, using: str, **_signal: Any) -> None:
    connection = connections[using]
    if triggers.tables() <= set(connection.introspection.table_names()):
        gone = triggers.missing(connection)
        if gone and len(gone) < len(triggers.names(connection.vendor)):
            log.warning("ledger.triggers_were_missing", names=gone)
        triggers.install(connection)
