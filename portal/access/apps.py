"""Django's registration of this room."""

from importlib import import_module

from django.apps import AppConfig

from portal.audit.verification.comparisons import COMPARISONS


class AccessConfig(AppConfig):
    """The `access` app."""

    name = "portal.access"
    label = "access"

    def ready(self) -> None:
        """Enter sign-ins into the ledger, and let a verification compare what people sign in with."""
        import_module("portal.access.signals")
        COMPARISONS.extend(import_module("portal.access.evidence").COMPARED)
