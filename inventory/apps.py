"""Django's registration of this room."""

from importlib import import_module

from django.apps import AppConfig

from portal.audit.verification.comparisons import COMPARISONS


class InventoryConfig(AppConfig):
    """The `inventory` app."""

    name = "inventory"
    label = "inventory"

    def ready(self) -> None:
        """Let a verification of the ledger compare the accepted host keys."""
        COMPARISONS.extend(import_module("inventory.evidence").COMPARED)
