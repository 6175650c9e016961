"""Django's registration of this room."""

from importlib import import_module

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """The `access` app."""

    name = "portal.access"
    label = "access"

    def ready(self) -> None:
        """Enter sign-ins into the ledger."""
        import_module("portal.access.signals")
