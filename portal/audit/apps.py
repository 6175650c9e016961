"""Django's registration of this room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The `audit` app."""

    name = "portal.audit"
    label = "audit"
